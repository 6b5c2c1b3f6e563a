# Which parser reads a column of the schema: its own, or that of its type.

parser_of <- function(spec) {
  own <- column_parsers[[paste(spec$table, spec$column)]]
  if (is.null(own)) parser_of_type(spec$type) else own
}

# The parser of each type of the schema
parser_of_type <- function(type) {
  switch(type,
    category = parse_category, group = parse_group, date = parse_date,
    number = , whole = parse_number, time = parse_time, status = parse_status, parse_text
  )
}

column_parsers <- list(
  "adverse_events grade" = parse_grade, "adverse_events related" = parse_attribution
)
