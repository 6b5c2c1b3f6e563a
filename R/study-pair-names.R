# Endpoints that a study may give as a time and a status, and the names of these columns.

# For each endpoint: the event and the competing events that its status may name, and the
# columns of the patients that hold the dates of its event
pair_endpoints <- list(
  os = list(event = "death", dates = "death_date"),
  pfs = list(
    event = "progression or death", dates = c("progression_date", "death_date")
  ),
  progression = list(
    event = "progression", competing = "death", dates = "progression_date"
  ),
  local_failure = list(event = "local failure", competing = "death"),
  distant_failure = list(event = "distant failure", competing = "death"),
  intrahepatic_failure = list(event = "intrahepatic failure", competing = "death"),
  extrahepatic_failure = list(event = "extrahepatic failure", competing = "death"),
  widespread_failure = list(event = "widespread failure", competing = "death"),
  next_therapy = list(event = "next therapy", competing = "death"),
  pfs2 = list(
    event = "progression or death", dates = c("next_progression_date", "death_date")
  ),
  next_line_pfs = list(event = "progression or death"),
  next_sbrt = list(event = "next SBRT", competing = "death"),
  late_toxicity = list(event = "late toxicity", competing = "death"),
  liver_decline = list(event = "liver decline", competing = c("progression", "death")),
  time_to_response = list(event = "response", competing = c("progression", "death")),
  duration_of_response = list(event = "progression or death")
)

time_of_pair <- function(what) paste0(what, "_time")
status_of_pair <- function(what) paste0(what, "_status")

pair_name <- function(column) sub("_(time|status)$", "", column)
