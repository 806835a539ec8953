# Puts a link (link.R) between Shiny and its pages: in front of Shiny's own handlers, which then get a socket that
# outlives its connections. They are reached through Shiny's handler manager, which it doesn't export: so everything
# used is looked at first, and an app on a Shiny of another shape works as it always did and says so once.
# Known to work: see the table of versions in docs/guide/apps.md.

MARK <- "?carrel-link=1" # the query of a page's dial; the gateway knows it too
SCRIPT <- "/carrel-link.js"
UPLOADS_KEPT <- 256

# @param directory holds link.js
# @param window    seconds, @param keep bytes: see new_links
hook <- function(directory, window, keep) {
  install <- function(...) tryCatch({
    manager <- manager_of(asNamespace("shiny"))
    if (is.character(manager)) stop(manager)
    put_in_front(manager, read_script(file.path(directory, "link.js")), window, keep)
  }, error = function(e) log_line(paste0("pages of this app will not survive a cut of their connection: ",
    conditionMessage(e), " (shiny ", tryCatch(getNamespaceVersion("shiny"), error = function(e) "?"), ")")))
  if (isNamespaceLoaded("shiny")) install() else setHook(packageEvent("shiny", "onLoad"), install)
  invisible()
}

# @return its text, and its digest as what browsers may keep it by
read_script <- function(path) list(
  text = paste(readLines(path, encoding = "UTF-8"), collapse = "\n"),
  digest = unname(tools::md5sum(path))
)

log_line <- function(line) message("carrel link: ", line)

# @return shiny's handler manager, or a text that says what is missing of it
manager_of <- function(shiny) {
  if (!is.function(shiny$httpResponse)) return("it has no httpResponse")
  manager <- shiny$handlerManager
  if (!is.environment(manager)) return("it has no handlerManager")
  for (name in c("addHandler", "addWSHandler")) {
    if (!is.function(manager[[name]])) return(paste0("its handlerManager has no ", name))
    if (length(formals(manager[[name]])) < 2) return(paste0("its handlerManager's ", name, " takes something else"))
  }
  for (name in c("handlers", "wsHandlers"))
    if (!is.environment(manager[[name]]) || !is.function(manager[[name]]$invoke))
      return(paste0("its handlerManager has no list of ", name))
  manager
}

put_in_front <- function(manager, script, window, keep) {
  links <- new_links(window, keep, serve = manager$wsHandlers$invoke, log = log_line)
  said <- FALSE
  manager$addWSHandler(key = "carrel-link", function(ws) {
    # what serve hands on comes by here again
    if (inherits(ws, "carrel_link_socket") || !identical(ws$request$QUERY_STRING, MARK)) return(NULL)
    if (!is_socket(ws)) {
      if (!said) log_line("pages will not survive a cut of their connection: this httpuv's WebSocket is another")
      said <<- TRUE
      return(NULL)
    }
    ws$request$QUERY_STRING <- "" # the app sees what it always saw
    accept(links, ws)
  })
  uploads <- new_uploads()
  manager$addHandler(key = "carrel-link", function(req) {
    if (!is.environment(req) || isTRUE(req$CARREL_LINK)) return(NULL)
    path <- req$PATH_INFO
    method <- req$REQUEST_METHOD
    if (!is.character(path) || !is.character(method)) return(NULL)
    if (identical(path, SCRIPT) && method %in% c("GET", "HEAD"))
      return(asNamespace("shiny")$httpResponse(200L, "text/javascript; charset=UTF-8", script$text,
        list("Cache-Control" = "private, max-age=86400"))) # not exported before shiny 1.6
    rest <- function() {
      req$CARREL_LINK <- TRUE # so that this handler lets it pass
      manager$handlers$invoke(req)
    }
    if (startsWith(path, "/session/")) return(if (method == "POST") once(uploads, req, rest))
    if (!method %in% c("GET", "HEAD")) return(NULL)
    linked(rest(), script_tag(path, script))
  })
}

is_socket <- function(ws) {
  is.environment(ws$request) &&
    all(vapply(c("onMessage", "onClose", "send", "close"), function(name) is.function(ws[[name]]), TRUE))
}

# A page may lie deeper than the app's root, and the root below a prefix that isn't known here: so it is relative.
script_tag <- function(path, script) {
  depth <- lengths(regmatches(path, gregexpr("/", path, fixed = TRUE))) - 1
  paste0("<script src=\"", strrep("../", depth), substring(SCRIPT, 2), "?v=", script$digest, "\"></script>")
}

# The answer, with our script at the end of its head when it is a page of Shiny's.
linked <- function(answer, tag) {
  if (promises::is.promising(answer)) return(promises::then(answer, function(answer) linked(answer, tag)))
  if (!inherits(answer, "httpResponse") || !identical(as.integer(answer$status), 200L)) return(answer)
  if (!isTRUE(grepl("^text/html($|[ ;])", answer$content_type))) return(answer)
  tryCatch(with_script(answer, tag), error = function(e) answer)
}

with_script <- function(answer, tag) {
  text <- is.character(answer$content) && length(answer$content) == 1
  if (!text && !is.raw(answer$content)) return(answer)
  page <- if (text) charToRaw(enc2utf8(answer$content)) else answer$content
  at <- grepRaw("</head>", page, ignore.case = TRUE)
  has <- function(words) length(grepRaw(words, page, fixed = TRUE)) > 0
  if (length(at) == 0 || !(has("shiny.js") || has("shiny.min.js")) || has("carrel-link.js")) return(answer)
  page <- c(page[seq_len(at - 1)], charToRaw(tag), page[at:length(page)])
  if (text) {
    page <- rawToChar(page)
    Encoding(page) <- "UTF-8"
  }
  answer$content <- page
  answer$headers <- answer$headers[!tolower(names(answer$headers)) %in% c("content-length", "etag")]
  answer
}

# An upload whose answer was lost is sent again by the page, with the same id: what arrived whole is not taken twice.
# One that was cut on its way never gets here, httpuv drops it.
new_uploads <- function() {
  uploads <- new.env(parent = emptyenv())
  uploads$done <- list() # answers by path and id, oldest first
  uploads
}

once <- function(uploads, req, rest) {
  id <- req$HTTP_CARREL_UPLOAD
  if (!is.character(id) || !grepl("^[0-9a-f]{32}$", id)) return(NULL)
  what <- paste(req$PATH_INFO, id)
  if (!is.null(uploads$done[[what]])) return(uploads$done[[what]])
  answer <- rest()
  if (inherits(answer, "httpResponse") && identical(as.integer(answer$status), 200L)) {
    uploads$done[[what]] <- answer
    uploads$done <- utils::tail(uploads$done, UPLOADS_KEPT)
  }
  answer
}
