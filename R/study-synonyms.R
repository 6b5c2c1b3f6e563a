# Other usual names of the columns of the schema, in English, German, French, Spanish and
# Portuguese, the more specific names first. They are used to suggest the argument
# `columns`, and to find the row of column names in a file.

synonyms_of <- function(text) trim_blank(strsplit(text, "|", fixed = TRUE)[[1L]])

patient_id_synonyms <- synonyms_of(paste0(
  "record_id|patient|pat id|patid|patient no|patient nr|patient number|patient id no|",
  "subject_id|subject|subjid|usubjid|mrn|hospital number|hospital no|hosp no|case id|",
  "case no|study id|study no|pid|",
  "patientennummer|patienten id|pat nr|studiennummer|fallnummer|num\u00e9ro patient|",
  "n\u00b0 patient|identifiant|id patient|paciente|id paciente|n\u00ba paciente|",
  "prontu\u00e1rio|c\u00f3digo paciente|case|no|nr|id"
))

lesion_id_synonyms <- synonyms_of(paste0(
  "lesion|lesion no|lesion nr|lesion number|lesion id no|target no|metastasis|met no|",
  "l\u00e4sion|l\u00e4sionsnummer|l\u00e9sion|n\u00b0 l\u00e9sion|lesi\u00f3n|",
  "les\u00e3o|no|nr"
))

response_synonyms <- synonyms_of(paste0(
  "bor|best overall response|best resp|response|recist|best recist|remission|ansprechen|",
  "bestes ansprechen|r\u00e9ponse|meilleure r\u00e9ponse|respuesta|mejor respuesta|",
  "resposta|melhor resposta"
))

change_synonyms <- synonyms_of(paste0(
  "best change|best percent change|max change|max shrinkage|best change percent|",
  "change pct|change from baseline"
))

dose_synonyms <- synonyms_of(paste0(
  "dose|total dose|prescribed dose|rt dose|sbrt dose|prescription dose|dosis|",
  "gesamtdosis|dose totale|dosis total|dose total|gy"
))

fractions_synonyms <- synonyms_of(paste0(
  "fx|fraction|no fractions|no of fractions|number of fractions|n fractions|",
  "num fractions|fraktionen|anzahl fraktionen|nombre de fractions|fracciones|",
  "fra\u00e7\u00f5es"
))

site_synonyms <- synonyms_of(paste0(
  "location|organ|lesion site|region|localisation|localization|lokalisation|ort|",
  "localizaci\u00f3n|localiza\u00e7\u00e3o|sitio|\u00f3rgano"
))

diameter_synonyms <- synonyms_of(paste0(
  "diameter|size|size mm|longest diameter|largest diameter|max diameter|lesion size|",
  "durchmesser|gr\u00f6\u00dfe|",
  "taille|diam\u00e8tre|di\u00e1metro|di\u00e2metro|tama\u00f1o|tamanho"
))

column_synonyms <- list(
  patients = list(
    patient_id = patient_id_synonyms,
    cohort = synonyms_of(paste0(
      "group|arm|treatment group|treatment arm|study arm|disease state|kohorte|gruppe|",
      "cohorte|groupe|bras|grupo|brazo|bra\u00e7o"
    )),
    strategy = synonyms_of(paste0(
      "systemic strategy|treatment strategy|therapy strategy|strategie|",
      "strat\u00e9gie|estrategia|estrat\u00e9gia"
    )),
    sbrt_start = synonyms_of(paste0(
      "rt start|start rt|start of rt|sbrt|start of sbrt|start sbrt|sbrt date|",
      "date of sbrt|date sbrt|sabr start|sabr date|date of sabr|srs date|",
      "radiation start|radiotherapy start|start of radiotherapy|rt date|date of rt|",
      "rt start date|sbrt start date|date rt start|first fraction|treatment start|",
      "start of treatment|rt beginn|beginn rt|beginn sbrt|sbrt beginn|",
      "bestrahlungsbeginn|start bestrahlung|d\u00e9but rt|d\u00e9but sbrt|",
      "date d\u00e9but sbrt|date de sbrt|inicio rt|inicio sbrt|fecha sbrt|",
      "fecha de inicio|in\u00edcio rt|in\u00edcio sbrt|data sbrt|data de in\u00edcio|",
      "start date|date|datum|fecha|data"
    )),
    sbrt_end = synonyms_of(paste0(
      "rt end|end rt|end of rt|sbrt end date|end of sbrt|rt end date|last fraction|",
      "rt ende|bestrahlungsende|fin rt|fin sbrt|fim rt|end date"
    )),
    progression_date = synonyms_of(paste0(
      "progression|date of progression|pd date|date pd|date of pd|first progression|",
      "relapse date|recurrence date|pfs date|progress|progressionsdatum|",
      "datum progression|date de progression|fecha de progresi\u00f3n|",
      "data de progress\u00e3o|progresi\u00f3n|progress\u00e3o"
    )),
    death_date = synonyms_of(paste0(
      "dod|date of death|death|died|died on|deceased|date death|dth date|dthdtc|",
      "todesdatum|tod|sterbedatum|verstorben am|d\u00e9c\u00e8s|date de d\u00e9c\u00e8s|",
      "date d\u00e9c\u00e8s|fecha de muerte|muerte|fecha de defunci\u00f3n|exitus|",
      "data do \u00f3bito|\u00f3bito|data de \u00f3bito"
    )),
    last_contact = synonyms_of(paste0(
      "last fu|last follow up|last followup|date of last follow up|last fu date|",
      "date last fu|last contact date|date of last contact|last seen|last visit|",
      "last known alive|fu date|followup date|lost to follow up|letzter kontakt|",
      "letztes fu|letzte nachsorge|letzte visite|derni\u00e8res nouvelles|",
      "date des derni\u00e8res nouvelles|ddn|derni\u00e8re visite|\u00faltimo contacto|",
      "\u00faltima visita|\u00faltimo seguimiento|\u00faltimo contato|",
      "\u00faltimo seguimento"
    )),
    last_imaging = synonyms_of(paste0(
      "last scan|last ct|last mri|last imaging date|date of last imaging|",
      "letzte bildgebung|derni\u00e8re imagerie|\u00faltima imagen"
    )),
    diagnosis_date = synonyms_of(paste0(
      "date of diagnosis|dx date|date dx|erstdiagnose|diagnosedatum|",
      "date de diagnostic|fecha de diagn\u00f3stico|data do diagn\u00f3stico"
    )),
    os_time = synonyms_of(paste0(
      "os months|os mo|os weeks|os days|os years|os|overall survival|survival time|",
      "survival months|survival days|gesamt\u00fcberleben|survie globale"
    )),
    os_status = synonyms_of("os event|event os|os evt"),
    pfs_time = synonyms_of(
      "pfs months|pfs mo|pfs weeks|pfs days|pfs years|pfs|progression free survival"
    ),
    pfs_status = synonyms_of("pfs event|event pfs|pfs evt"),
    best_response = response_synonyms,
    best_change_pct = change_synonyms
  ),
  lesions = list(
    patient_id = patient_id_synonyms, lesion_id = lesion_id_synonyms,
    site = site_synonyms, dose_gy = dose_synonyms, fractions = fractions_synonyms,
    diameter_mm = diameter_synonyms, best_response = response_synonyms,
    best_change_pct = change_synonyms, ptv_cm3 = "ptv volume", gtv_cm3 = "gtv volume",
    local_failure_date = synonyms_of(paste0(
      "local failure|lf date|date of local failure|local progression|",
      "local progression date|date local progression|local recurrence|",
      "local recurrence date|lokalrezidiv|lokale progression|r\u00e9cidive locale|",
      "fallo local|falha local|recidiva local"
    ))
  ),
  adverse_events = list(
    patient_id = patient_id_synonyms,
    term = synonyms_of(paste0(
      "ae|ae term|adverse event|event|toxicity|aeterm|aedecod|ctcae term|",
      "nebenwirkung|toxizit\u00e4t|toxicit\u00e9|effet ind\u00e9sirable|toxicidad|",
      "evento adverso|toxicidade"
    )),
    grade = synonyms_of(paste0(
      "ctcae|ctcae grade|ae grade|aetoxgr|toxicity grade|max grade|grad|grado|grau|",
      "severity"
    )),
    onset_date = synonyms_of(paste0(
      "onset|ae date|ae start|ae start date|aestdtc|date of onset|start date|",
      "event date|date of event|beginn|auftreten|d\u00e9but|date de d\u00e9but|inicio|",
      "fecha de inicio|in\u00edcio|data de in\u00edcio|date|datum|fecha|data"
    )),
    related = synonyms_of(paste0(
      "related to sbrt|related to rt|attribution|attributable|relation|causality|",
      "relationship|zusammenhang|imputabilit\u00e9|relacionado"
    ))
  ),
  courses = list(
    patient_id = patient_id_synonyms, lesion_id = lesion_id_synonyms,
    course = c("course no", "course nr", "course number", "serie", "cours", "curso"),
    start_date = c("start", "rt start", "sbrt start", "course start", "beginn", "date"),
    end_date = c("end", "rt end", "sbrt end", "course end", "ende"),
    dose_gy = dose_synonyms, fractions = fractions_synonyms
  ),
  assessments = list(
    patient_id = patient_id_synonyms, lesion_id = lesion_id_synonyms,
    assessment_date = synonyms_of(paste0(
      "scan date|imaging date|date of imaging|date of scan|visit date|ct date|",
      "mri date|date of assessment|untersuchungsdatum|bildgebung|date d'imagerie|",
      "fecha imagen|date|datum|fecha|data"
    )),
    site = site_synonyms, diameter_mm = diameter_synonyms, response = response_synonyms
  ),
  therapies = list(
    patient_id = patient_id_synonyms,
    line = synonyms_of(
      "line of therapy|therapy line|lot|linie|ligne|l\u00ednea|linha"
    ),
    drug = synonyms_of(paste0(
      "agent|regimen|therapy|treatment|medication|medikament|substanz|m\u00e9dicament|",
      "f\u00e1rmaco|droga"
    )),
    start_date = synonyms_of(paste0(
      "start|therapy start|date of start|beginn|d\u00e9but|inicio|in\u00edcio|date|",
      "datum|fecha|data"
    ))
  ),
  liver_function = list(
    patient_id = patient_id_synonyms,
    test_date = synonyms_of(paste0(
      "lab date|date of test|date of labs|blood date|visit date|sample date|",
      "labordatum|blutentnahme|date de bilan|fecha analitica|date|datum|fecha|data"
    )),
    bilirubin_umol_l = c("bilirubin umol", "bilirubin \u00b5mol/l"),
    bilirubin_mg_dl = "bilirubin mg",
    child_pugh = c("child pugh score", "child pugh points", "cp score", "ctp")
  )
)

# For each column of the schema, the first of `names` that is a usual name for it; NA if
# there is none. Each name is used only once.
find_synonyms <- function(table, columns, names) {
  plain <- simplify_name(names)
  found <- rep(NA_character_, length(columns))
  for (i in seq_along(columns)) {
    words <- simplify_name(c(columns[i], column_synonyms[[table]][[columns[i]]]))
    at <- match(words, plain)
    at <- at[!is.na(at) & !names[at] %in% found]
    if (length(at)) found[i] <- names[at[1L]]
  }
  found
}
