# Read by utils::aspell_package_description(), as CRAN runs it on a submission: the names
# and terms of DESCRIPTION that no dictionary has, and what CRAN ignores anyway.
description <- list(
  ignore = list(
    c(
      "(?<=[ \t[:punct:]])'[^']*'(?=[ \t[:punct:]])",
      "(?<=[<])(https?://|DOI:|doi:|arXiv:)[^>]+(?=[>])",
      paste0(
        "\\b(Aalen|Brittain|Kaplan|Parmar|Proschan|Royston|Schemper|SBRT|oligometastatic",
        "|oligoprogressive|stereotactic)\\b"
      )
    ),
    perl = TRUE
  )
)
