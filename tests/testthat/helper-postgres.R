# Starts PostgreSQL servers for the tests on the loopback address, in a temporary
# directory, and stops them when the test ends. In CI a missing server program is a
# failure.

# Path of the newest version of a PostgreSQL program; skips the test if there is none
postgres_program <- function(name) {
  found <- c(
    rev(Sys.glob(file.path("/usr/lib/postgresql/*/bin", name))), unname(Sys.which(name))
  )
  found <- found[nzchar(found)]
  missing <- paste(name, "of PostgreSQL is not installed")
  if (!length(found) && nzchar(Sys.getenv("CI"))) stop(missing)
  skip_if_not(length(found) > 0L, missing)
  found[1L]
}

# PostgreSQL does not run as root: root runs it as the user postgres or nobody.
run_unprivileged <- function(program, args) {
  if (Sys.info()[["effective_user"]] == "root") {
    args <- c("-u", server_user(), "--", program, args)
    program <- "runuser"
  }
  out <- suppressWarnings(system2(program, shQuote(args), stdout = TRUE, stderr = TRUE))
  if (!is.null(attr(out, "status"))) stop(paste(c(program, out), collapse = "\n"))
  out
}

# The user who runs the server when root runs the tests
server_user <- function() {
  users <- sub(":.*", "", readLines("/etc/passwd"))
  intersect(c("postgres", "nobody"), users)[1L]
}

# A directory that the server's user can enter: the first directory on the path of R's
# temporary directory to which everybody may write, otherwise its parent.
shared_directory <- function() {
  path <- strsplit(normalizePath(tempdir()), "/", fixed = TRUE)[[1L]]
  on_the_way <- vapply(seq_along(path)[-1L], function(i) {
    paste(path[seq_len(i)], collapse = "/")
  }, "")
  open <- bitwAnd(as.integer(file.mode(on_the_way)), 2L) > 0L
  if (any(open)) on_the_way[open][1L] else dirname(tempdir())
}

# Starts a server: list(port, pid, log); it is stopped when `frame` ends
local_postgres <- function(frame = parent.frame()) {
  skip_on_cran()
  skip_if_not_installed("RPostgres")
  initdb <- postgres_program("initdb")
  pg_ctl <- postgres_program("pg_ctl")
  dir <- tempfile("osv-postgres-", tmpdir = shared_directory())
  dir.create(dir, mode = "0700")
  withr::defer(unlink(dir, recursive = TRUE), frame)
  if (Sys.info()[["effective_user"]] == "root") system2("chown", c(server_user(), dir))
  data <- file.path(dir, "data")
  run_unprivileged(initdb, c(
    "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"
  ))
  start <- function(port) {
    options <- sprintf(
      "-p %d -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off", port
    )
    run_unprivileged(pg_ctl, c(
      "-D", data, "-w", "-l", file.path(dir, "log"), "-o", options, "start"
    ))
  }
  # Tries several ports, because another program may use one of them.
  ports <- 20000 + (Sys.getpid() * 7 + sample.int(20000, 5)) %% 20000
  for (port in ports) {
    started <- tryCatch(is.character(start(port)), error = function(e) FALSE)
    if (started) break
  }
  if (!started) stop("PostgreSQL did not start")
  pid <- as.integer(readLines(file.path(data, "postmaster.pid"), 1L))
  withr::defer(kill_postgres(pid), frame)
  list(port = port, pid = pid, log = file.path(dir, "log"))
}

# Shuts the server down immediately, and waits for its end
kill_postgres <- function(pid) {
  tools::pskill(pid, tools::SIGQUIT)
  for (i in 1:100) {
    if (!tools::pskill(pid, 0L)) break
    Sys.sleep(0.05)
  }
}

# Opens a connection; suppresses the warning if the server is killed
connect_postgres <- function(server, frame = parent.frame()) {
  con <- DBI::dbConnect(RPostgres::Postgres(),
    host = "127.0.0.1", port = server$port, user = "tester", dbname = "postgres",
    options = "-c client_min_messages=error"
  )
  withr::defer(suppressWarnings(DBI::dbDisconnect(con)), frame)
  con
}
