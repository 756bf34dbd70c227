"""The things briefs count: requests, rows, media, documents, and what is never a load."""

import re

REQUESTS = re.compile(
    r"requests?|reqs?|quer(?:y|ies)|transactions?|tx|txns?|events?|predictions?|inferences?|calls?|messages?"
    r"|questions?|lookups?|hits?|clicks?"
    r"|impressions?|searches|orders?|payments?|logins?|scores?|readings?|updates?|notes?|tickets?|e-?mails?"
    r"|reviews?|claims?|applications?|chats?|"
    r"conversations?|cvs|resumes|sessions?|uploads?|submissions?|api"
)
MEDIA = re.compile(
    r"images?|photos?|pictures?|scans?|x-?rays?|tiles?|frames?|videos?|clips?|recordings?|slides?|footage"
)
DOCUMENTS = re.compile(
    r"documents?|docs?|pdfs?|pages?|articles?|files?|contracts?|manuals?|papers?|tickets?|e-?mails?|reviews?|notes?"
    r"|messages?"
)
ROWS = re.compile(
    r"rows?|records?|subscribers?|customers?|accounts?|members?|policies|loans?|products?|skus?|transactions?"
    r"|households?|invoices?|claims?|items?"
    r"|leads?|employees?|listings?|ads?|users?|players?|patients?|merchants?|stores?|predictions?|contacts?"
    r"|vehicles|shipments?|orders?|entries"
    r"|samples?|profiles?|clients?|donors?|students?|policyholders?|borrowers?|sites?|assets?|meters?"
)
PLACES = r"stores?|shops?|warehouses?|outlets?|locations?|regions?|sites?|branches|depots?|cities|countries|markets|dcs"
SERIES = (
    r"series|skus?|products?|items?|articles?|pairs?|stores?|meters?|locations?|routes?|sites?|combinations?"
    r"|warehouses?|branches|customers?"
)
BATCH_WORDS = re.compile(r"\bscor(?:e|es|ing)\b|\bbatch\w*|\bnight\w*|\bovernight\b")
NOT_COUNTED = re.compile(
    r"[kmgtp]i?b|bytes?|tokens?|hours?|minutes?|mins?|seconds?|secs?|ms|days?|weeks?|months?|years?|times?|percent"
    r"|people|persons?|engineers?|teams?|"
    r"dollars?|euros?|usd|eur|gbp|chf|developers?|scientists?|models?|gpus?|nodes?|replicas?|runs?|downtime|users"
    r"|subscribers|staff|each|retrain\w*|"
    r"retention|deploys?|deployments?|releases?|per|user|person|head|employee|agent|of|in|for|with|and|or|under"
    r"|within|by|from|at"
)
