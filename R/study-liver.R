# Decides which sites are in the liver. Sites are free text, so the rule searches for
# words.

# The liver in several languages; segments and lobes count if they name it ("liver S8")
liver_words <- paste0(
  "liver|hepatic|hepatis|hepatique|hepatisch|leber|foie|h[i\u00ed]gado|fegato|\u809d"
)

# Words that place a lesion next to the liver or in its lymph nodes, although the liver is
# named
beside_liver <- paste0(
  "(*UTF)\\b(extra|non|not|peri|outside|beside|adjacent|near|next to|except|without|",
  "node|nodal|lymph|ln\\b|hilum|hilar|hilus|porta\\b|ligament|flexure|ausser|",
  "au\u00dfer)|\u6dcb\u5df4|\u95e8|\u5916"
)

# TRUE for sites in the liver, NA for empty ones. `liver`: NULL for the rule by words, or
# the sites that are in the liver, regardless of capitals.
in_liver <- function(site, liver = NULL) {
  text <- site_text(site)
  inside <- if (is.null(liver)) {
    names_liver(text) & !grepl(beside_liver, text, perl = TRUE)
  } else {
    text %in% site_text(liver)
  }
  ifelse(is.na(text) | text == "", NA, inside)
}

# A site without blanks at its ends, and with one blank in place of "_" or "-"
plain_site <- function(site) {
  gsub("[[:space:]_-]+", " ", trim_blank(mark_bytes(as.character(site))))
}

site_text <- function(site) lower_case(plain_site(site))

names_liver <- function(text) !is.na(text) & grepl(liver_words, text)

# Flags sites that name the liver but are read as outside it, which the checks of a study
# report. Lymph nodes and "extrahepatic" are not flagged: they are certainly outside.
beside_the_liver <- function(site) {
  text <- site_text(site)
  clear <- "extra|node|nodal|lymph|\\bln\\b"
  names_liver(text) & in_liver(site) %in% FALSE & !grepl(clear, text, perl = TRUE)
}

# "read as liver: ...; as elsewhere: ...", with at most five sites each
liver_sites_text <- function(site, liver) {
  inside <- in_liver(site, liver)
  few <- function(x) {
    x <- unique(trim_blank(as.character(x)))
    shown <- x[seq_len(min(5L, length(x)))]
    paste0(
      if (length(x)) paste0("\"", shown, "\"", collapse = ", ") else "no site",
      if (length(x) > 5L) sprintf(" and %d more", length(x) - 5L)
    )
  }
  sprintf("read as liver: %s; as elsewhere: %s", few(site[inside %in% TRUE]),
    few(site[inside %in% FALSE])
  )
}

check_liver <- function(liver) {
  if (is.null(liver)) return(NULL)
  liver <- plain_argument(liver)
  if (is.character(liver) && length(liver) && !anyNA(liver) && all(nzchar(liver))) {
    return(liver)
  }
  stop_oligosurv("input", sprintf(
    paste(
      "`liver` must be the sites that are in the liver, as in c(\"S8\", \"left lobe\"),",
      "or NULL; it is %s"
    ), describe(liver)
  ), arg = "liver")
}
