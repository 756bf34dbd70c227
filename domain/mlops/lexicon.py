"""The words by which briefs name tasks, use cases, models, products, skills and regimes; patterns match lower case."""

AS_OF = "2026-01"

TASK_WORDS: tuple[tuple[str, str], ...] = (
    (
        "rag",
        r"\brag\b|retrieval[- ]augmented|\bq ?& ?a\b|question[- ]answering|knowledge[- ]base|\bchat(?:bot)? (?:over"
        r"|with|on) "
        r"|answers? (?:\w+ ){0,3}(?:from|over|about|based on) (?:\w+ ){0,3}(?:docs?|documents|pdfs|manuals|wiki"
        r"|contracts|policies)"
        r"|questions (?:about|over|on) (?:\w+ ){0,3}(?:docs?|documents|pdfs|manuals|wiki|contracts|policies)",
    ),
    ("fraud", r"\bfraud\w*|money[- ]laundering|\baml\b|chargebacks?|\bscams?\b"),
    (
        "recsys",
        r"\brecommender|recommendations?\b|\brecommend(?:ing)?\b|similar products"
        r"|personali[sz]\w+ (?:\w+ ){0,2}(?:home ?pages?|feeds?|content|offers?|products?|newsletters?)"
        r"|next best (?:offer|product|action)",
    ),
    (
        "forecasting",
        r"\bforecast\w*|\bpredict(?:ing|s)? (?:\w+ ){0,3}(?:demand|sales|load|consumption)|demand prediction",
    ),
    ("speech", r"\bspeech\b|\btranscri\w+|\bwhisper\b|\basr\b|call recordings|\baudio\b|voice recognition"),
    (
        "cv",
        r"\bimages?\b|\bphotos?\b|\bpictures?\b|\bcameras?\b|\bvideos?\b|\bsatellite\b|object detection|computer vision"
        r"|\bx-?rays?\b|\bmri\b|\bocr\b|\byolo\w*|\bresnet\w*|\btiles\b|visual inspection|\bcctv\b|face recognition",
    ),
    (
        "anomaly",
        r"\banomal\w+|\boutliers?\b|intrusion|predictive maintenance|fault detection|(?:machine|equipment|pump"
        r"|bearing|turbine)"
        r" failures?|failure prediction",
    ),
    (
        "ranking",
        r"\branking\b|\bre-?rank\w*|\brank(?:ed)? (?:\w+ ){0,3}(?:results|offers|listings|products)"
        r"|learning to rank|search relevance",
    ),
    (
        "llm",
        r"\bllms?\b|summari[sz]\w+|large language model|\bchat ?bots?\b|chat assistant|\bcopilot\b|text generation"
        r"|generat\w+ (?:\w+ ){0,3}(?:text|answers|replies|emails|e-mails|descriptions|reports)|\bllama\b"
        r"|\bmistral\b|\bgpt\b",
    ),
    (
        "nlp",
        r"sentiment|text classif\w+|document classif\w+|classif\w+ (?:of )?(?:\w+ ){0,4}(?:tickets|e-?mails"
        r"|documents|reviews|messages|texts|articles)"
        r"|entity extraction|named entit\w+|intent detection|\bspam\b|\btoxic\w*|(?:content|comment) moderation"
        r"|\bbert\b"
        r"|(?:tickets?|e-?mail) (?:routing|triage)|translat\w+",
    ),
    (
        "regression",
        r"(?<!logistic )\bregression\b|\bpricing\b|price[- ]optimi[sz]ation|(?:price|value|cost|eta|delay|yield"
        r"|demand) estimation|(?:predict\w*|estimat\w+) (?:\w+ ){0,3}(?:prices?|values?|costs?|durations?|eta|ltv"
        r"|yield|delays?)"
        r"|price prediction|\beta prediction|house prices|lifetime value",
    ),
    (
        "classification",
        r"\bclassif\w+|\bchurn\w*|logistic regression|\bloan (?:applications?|approvals?|decisions?)|credit (?:scor"
        r"|risk|decision|application|approval)\w*|default risk|lead scoring|\bpropensity|risk scor\w+"
        r"|predict(?:ing)? whether"
        r"|(?:claims?|cv|resume|applicant|candidate) (?:triage|screening)|conversion prediction|no-?shows?\b",
    ),
)
"""Task and pattern, the most telling first: of several tasks named, the earlier entry is the main one."""

USE_CASE_WORDS: tuple[tuple[str, str], ...] = (
    ("fraud", r"\bfraud\w*|money[- ]laundering|\baml\b"),
    (
        "credit",
        r"credit (?:scor|risk|decision|application|approval)\w*|\bloan (?:approval|decision|application)s?"
        r"|creditworth\w+|lending",
    ),
    ("hiring", r"\bhiring\b|\brecruit\w+|(?:cv|resume|applicant|candidate) (?:screening|ranking)|job applicants?"),
    ("claims", r"\bclaims (?:triage|handling|decision|processing)|insurance claims?"),
    ("insurance", r"insurance (?:pricing|underwriting|risk)|underwriting"),
    ("education", r"\bexams?\b|\bpupils?\b|student (?:grading|admission)\w*|\badmissions?\b"),
    ("pricing", r"\bpricing\b|price[- ]optimi[sz]ation"),
    ("personalisation", r"personali[sz]\w+"),
    ("churn", r"\bchurn\w*"),
    ("maintenance", r"predictive maintenance|machine failures?"),
    ("moderation", r"moderation|\btoxic\w*|\bspam\b"),
    ("demand", r"\bdemand\b"),
)

FAMILY_WORDS: tuple[tuple[str, str], ...] = (
    ("gbdt", r"\bxgboost\b|\blightgbm\b|\bcatboost\b|gradient[- ]boost\w*|\bgbdt\b|\bgbm\b"),
    ("linear", r"\blogistic\b|linear (?:regression|model)|\blasso\b|\bglm\b"),
    ("llm", r"\bllama\b|\bgpt\b|\bmistral\b|\bqwen\b|\bgemma\b|\bclaude\b|\bllms?\b|large language model"),
    ("transformer", r"\b(?:distil|ro)?bert(?:a)?\b|\btransformers?\b"),
    ("cnn", r"\bresnet\b|\byolo\b|\bcnns?\b|\befficientnet\b|\bu-?net\b|convolutional"),
    ("nn", r"neural net\w*|\bmlp\b|deep learning"),
)

DEPLOY_WORDS: tuple[tuple[str, str], ...] = (
    ("serverless", r"\bserverless\b|\blambdas?\b|cloud functions?\b|azure functions?\b"),
    ("k8s", r"\bkubernetes\b|\bk8s\b|\beks\b|\baks\b|\bgke\b|\bopenshift\b|\bkserve\b"),
    ("containers", r"\becs\b|\bdocker\b|\bcontainers?\b|\bfargate\b|cloud run\b"),
    ("managed", r"\bsagemaker\b|\bvertex(?: ai)?\b|azure ml\b|managed (?:ml )?(?:platform|service)s?"),
    ("vm", r"\bvms?\b|virtual machines?|\bec2\b"),
)

CLOUD_NAMES: tuple[tuple[str, str], ...] = (
    ("aws", r"\baws\b|amazon web services"),
    ("gcp", r"\bgcp\b|google cloud\b(?! (?:run|functions?))"),
    ("azure", r"\bazure\b"),
    (
        "onprem",
        r"\bon[- ]?prem(?:ises?)?\b|\bour own (?:data ?cent(?:er|re)|servers|hardware)|own data ?cent(?:er|re)"
        r"|bare[- ]metal",
    ),
)
CLOUD_ANY = (
    r"\bany (?:public )?cloud\b|cloud[- ]agnostic|any (?:cloud )?provider|whichever cloud|cloud (?:does not"
    r"|doesn't) matter"
    r"|no (?:cloud )?preference (?:for|of|on) (?:a |the )?cloud|no cloud preference"
)
CLOUD_PRODUCTS: tuple[tuple[str, str], ...] = (
    (
        "aws",
        r"\bsagemaker\b|\blambdas?\b|\beks\b|\becs\b|\bfargate\b|\bkinesis\b|\bdynamodb\b|\bredshift\b|\bbedrock\b"
        r"|\bec2\b"
        r"|\bgreengrass\b|\bs3\b",
    ),
    ("gcp", r"\bbigquery\b|\bvertex ai\b|\bgke\b|\bpub/?sub\b|\bcloud run\b|\bdataflow\b|\bbigtable\b|\bgcs\b"),
    ("azure", r"\baks\b|\bevent hubs?\b|\bcosmos ?db\b|\bsynapse\b|\bblob storage\b"),
)

SKILL_WORDS: tuple[tuple[str, str], ...] = (
    ("aws", r"\baws\b"),
    ("gcp", r"\bgcp\b|google cloud"),
    ("azure", r"\bazure\b"),
    ("terraform", r"\bterraform\b"),
    ("k8s", r"\bkubernetes\b|\bk8s\b"),
    ("docker", r"\bdocker\b"),
    ("python", r"\bpython\b"),
    ("devops", r"\bdevops\b|\bsre\b|\bmlops\b"),
    ("spark", r"\bspark\b"),
    ("sql", r"\bsql\b"),
    ("java", r"\bjava\b"),
    ("airflow", r"\bairflow\b"),
    ("mlflow", r"\bmlflow\b"),
    ("pytorch", r"\bpytorch\b"),
    ("tensorflow", r"\btensorflow\b"),
)

COMPLIANCE_WORDS: tuple[tuple[str, str], ...] = (
    ("GDPR", r"\b(?:uk )?gdpr\b|\bdsgvo\b"),
    ("HIPAA", r"\bhipaa\b|\bhippa\b"),
    ("PCI-DSS", r"\bpci(?:[- ]?dss)?\b"),
    ("SOC2", r"\bsoc[- ]?2\b"),
    ("ISO27001", r"\biso[- /]?(?:iec[- ]?)?27001\b"),
    ("LGPD", r"\blgpd\b"),
    ("CCPA", r"\bccpa\b|\bcpra\b"),
    ("FedRAMP", r"\bfedramp\b"),
    ("DORA", r"\bdora\b"),
    ("DPDP", r"\bdpdpa?\b"),
    ("FADP", r"\bfadp\b|\bndsg\b"),
    ("NIS2", r"\bnis ?2\b"),
    ("EU-AI-ACT", r"\b(?:eu )?ai act\b"),
    ("COPPA", r"\bcoppa\b"),
    ("FERPA", r"\bferpa\b"),
    ("SOX", r"\bsox\b"),
)

NAMES_WITH_NUMBERS: tuple[str, ...] = (
    r"\b(?:h100|h200|a100|a10g?|l40s?|l4|t4|v100|p100|b200|gb200|rtx ?\d{3,4}|tpu ?v\d\w?)s?\b",
    r"\b\d{0,2}\s?x\s?(?:h100|h200|a100|l40s?|l4|t4|v100)s?\b",
    r"\b(?:s3|ec2|k8s|k3s|rke2|oauth2|ipv[46]|http/[23]|route ?53|neo4j|log4j|base64|x86|arm64|int8|fp16|fp8|bf16)\b",
    r"\b[a-z]{1,3}\d[a-z]{0,3}\.(?:\d{1,2})?x?(?:large|small|medium|micro|nano|xlarge|metal)\b",
    r"\b(?:llama|gpt|qwen|gemma|phi|mistral|mixtral|claude|gemini|falcon|bert|resnet|yolo|efficientnet|whisper|vit"
    r"|t5|sdxl|deepseek)"
    r"(?:[- ]?v?\d{1,4}(?:\.\d{1,2})?[a-z]{0,8}){1,3}(?:-[a-z0-9]{1,12}){0,3}\b",
    r"\b24 ?[/x] ?7(?: ?[/x] ?365)?\b|\b8 ?/ ?5\b",
    r"\b(?:4k|8k|1080p|720p|2160p|hd)\b(?= (?:videos?|cameras?|streams?|footage|images?|resolution))|\b(?:1080|720"
    r"|2160)p\b",
    r"\b(?:b2b|b2c|c2c|d2c|p2p|f1|f2|o2|co2|web ?3|3d|2d|top[- ]\d{1,3}|top[- ]k|r2|e2e|i18n)\b",
    r"\b(?:python|java|node|tls|ssl|cuda|postgres(?:ql)?|mysql|redis|spark|terraform|scikit-learn|pytorch"
    r"|tensorflow|kafka)"
    r" ?\d{1,2}\.\d{1,3}(?:\.\d{1,3})?\b",
    r"\b(?:version|v|phase|step|tier|level|stage|annex|article|art\.|section|chapter|option|week|sprint|gen|part"
    r"|iteration)"
    r" ?\d{1,3}(?:\.\d{1,3}){0,2}\b(?![.,]?\d)",
    r"\biso[- /]?(?:iec[- ]?)?\d{4,5}\b|\bsoc[- ]?[123]\b|\bnis ?2\b",
    r"\bq[1-4](?: ?20\d\d)?\b|\b20\d\d-\d\d(?:-\d\d)?\b|\b(?:in|by|until|since|before|after|from"
    r"|of) 20[1-4]\d\b(?![.,]\d)",
    r"(?<![$€£])\b\d{1,2}(?::\d\d)? ?(?:am|pm|o'clock)\b|\b\d{1,2}:\d\d\b",
)
"""Products, hardware, models, versions and dates whose digits are no quantities."""
