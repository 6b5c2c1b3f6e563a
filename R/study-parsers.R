# The parser of each column of the schema. It is that of the column's type, except for
# grades.

parser_of <- function(spec) {
  if (spec$column == "grade") return(parse_grade)
  switch(spec$type,
    category = parse_category, group = parse_group, date = parse_date,
    number = , whole = , time = parse_number, status = parse_status, parse_text
  )
}
