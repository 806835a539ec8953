# The R end of a link: a WebSocket of a Shiny page that outlives the connections which carry it. Both ends number their
# messages and keep what the other has not acknowledged; the page dials again after a cut, each says where it stands,
# the rest is sent once. The wire is in docs/adr/0010-a-page-survives-a-cut.md. Nothing here knows Shiny (shiny.R does),
# touches R's random numbers, or trusts what comes in.

VERSION <- "1"
ACK_MESSAGES <- 32 # acknowledged after so many messages
ACK_BYTES <- 256 * 1024 # or so many bytes; else by the page's next ping
HELLO_SECONDS <- 10 # a connection that has said nothing by then is closed
MOST_HEAD <- 18 # bytes of a letter, a number and a space
MOST_CONTROL <- 160 # bytes of a frame that is no message
MOST_LINKS <- 1000 # at once in one R process
OVERHEAD <- 256 # bytes that R holds for a kept message beside its own
FLIGHT <- 8 # times what is kept may be under way to a connected page, then it is one that never acknowledges

# @param window seconds in which a page may come back
# @param keep   bytes kept for a page
# @param serve  gives a socket to Shiny
# @param log    takes one line
new_links <- function(window, keep, serve, log) {
  links <- new.env(parent = emptyenv())
  links$open <- new.env(parent = emptyenv())
  links$window <- window
  links$keep <- keep
  links$serve <- serve
  links$log <- log
  links$refusals <- 0
  links
}

# A WebSocket came that speaks this wire. It belongs to no link before its hello.
accept <- function(links, ws) {
  at <- new.env(parent = emptyenv())
  at$ws <- ws
  at$link <- NULL
  at$over <- FALSE
  ws$onMessage(function(binary, message) heard(links, at, binary, message))
  ws$onClose(function() lost(links, at))
  later::later(function() if (is.null(at$link)) refuse(links, at, "no hello came"), HELLO_SECONDS)
  TRUE
}

heard <- function(links, at, binary, message) {
  if (at$over) return(invisible())
  bytes <- if (is.character(message)) charToRaw(message) else message
  letter <- if (length(bytes) > 0) as.integer(bytes[1]) else 0L
  if (letter == 0x6d && !is.null(at$link)) return(heard_message(links, at, binary, bytes)) # m
  text <- control_text(bytes)
  if (is.null(text)) return(refuse(links, at, "that is no frame of a link"))
  if (letter == 0x68 && is.null(at$link)) return(hello(links, at, strsplit(text, " ", fixed = TRUE)[[1]])) # h
  if (is.null(at$link)) return(refuse(links, at, "a hello comes first"))
  number <- count_of(substring(text, 2))
  switch(substr(text, 1, 1),
    a = acknowledged(links, at, number),
    p = if (acknowledged(links, at, number)) {
      at$link$unsaid <- at$link$unsaid_bytes <- 0
      tell(at, "p", at$link$received)
    },
    b = end(links, at$link, "the page was left", quiet = TRUE),
    refuse(links, at, "that is no frame of a link")
  )
  invisible()
}

# @return NULL when it is longer than any, or not plain ASCII
control_text <- function(bytes) {
  if (length(bytes) == 0 || length(bytes) > MOST_CONTROL || any(bytes < 0x20 | bytes > 0x7e)) return(NULL)
  rawToChar(bytes)
}

# @return NA when it is no count; 15 digits are exact in a double
count_of <- function(text) if (grepl("^[0-9]{1,15}$", text)) as.numeric(text) else NA_real_

digits <- function(count) sprintf("%.0f", count)

tell <- function(at, letter, count) at$ws$send(paste0(letter, digits(count)))

hello <- function(links, at, words) {
  if (length(words) < 3 || words[1] != "h" || words[2] != VERSION)
    return(refuse(links, at, paste("version", VERSION, "is spoken here")))
  if (words[3] == "new" && length(words) == 3) return(begin(links, at))
  if (words[3] == "resume" && length(words) == 6)
    return(resume(links, at, words[4], words[5], count_of(words[6])))
  refuse(links, at, "that is no hello")
}

# The connection is closed with its reason, and so is the link it carries; one it was only tried on stays as it is.
refuse <- function(links, at, why, word = "refused") {
  if (at$over) return(invisible())
  at$over <- TRUE
  if (word == "refused" && (links$refusals <- links$refusals + 1) <= 10)
    links$log(paste("a connection was refused:", why))
  try(at$ws$send(paste("h", VERSION, word, why)), silent = TRUE)
  try(at$ws$close(), silent = TRUE)
  if (!is.null(at$link) && identical(at$link$at, at)) {
    at$link$at <- NULL
    end(links, at$link, why)
  }
  invisible()
}

begin <- function(links, at) {
  if (length(ls(links$open)) >= MOST_LINKS) return(refuse(links, at, "too many pages are open"))
  link <- new.env(parent = emptyenv())
  link$id <- random_hex(8)
  link$key <- random_hex(16)
  link$at <- at
  link$sent <- link$acked <- 0 # the last number sent, and the last the page has
  link$kept <- new.env(parent = emptyenv()) # frames by number
  link$sizes <- new.env(parent = emptyenv()) # of all that is not acknowledged
  link$kept_bytes <- link$flight <- 0
  link$dropped <- 0 # the highest number that was sent and not kept
  link$received <- 0 # the last number from the page
  link$unsaid <- link$unsaid_bytes <- 0 # received since the last acknowledgement
  link$over <- FALSE
  link$cut <- 0 # counts cuts, so that an old window's end is known as one
  link$on_message <- link$on_close <- list()
  at$link <- link
  assign(link$id, link, links$open)
  at$ws$send(paste("h", VERSION, "new", link$id, link$key, digits(links$window)))
  served <- try(links$serve(socket(links, link, at$ws$request)))
  if (inherits(served, "try-error")) end(links, link, "the app failed to take the page")
  invisible()
}

# What Shiny takes for the page's WebSocket: the same names as httpuv's.
socket <- function(links, link, request) {
  socket <- new.env(parent = emptyenv())
  socket$request <- request
  socket$onMessage <- function(func) link$on_message <- c(link$on_message, func)
  socket$onClose <- function(func) link$on_close <- c(link$on_close, func)
  socket$send <- function(message) give(links, link, message)
  socket$close <- function(code = 1000L, reason = "") end(links, link, "the app closed the session")
  class(socket) <- "carrel_link_socket"
  socket
}

# To the page. While it is away, what can't be kept ends the link; while it is there, that is only let go, and a cut
# before it has arrived can't be mended: so a page is never worse off than without a link.
give <- function(links, link, message) {
  if (link$over) return(invisible())
  link$sent <- link$sent + 1
  number <- digits(link$sent)
  if (is.raw(message)) {
    frame <- c(charToRaw(paste0("m", number, " ")), message)
    size <- length(frame) + OVERHEAD
  } else {
    frame <- paste0("m", number, " ", as.character(message))
    size <- nchar(frame, "bytes") + OVERHEAD
  }
  away <- is.null(link$at)
  alone <- link$flight == 0
  link$flight <- link$flight + size
  fits <- link$kept_bytes + size <= links$keep
  if (away && !fits)
    return(end(links, link, paste("more than", digits(links$keep), "bytes waited for a page that was away")))
  if (!away && !alone && link$flight > FLIGHT * links$keep)
    return(end(links, link, paste(digits(link$flight), "bytes were sent to a page that acknowledges nothing")))
  assign(number, size, link$sizes)
  if (fits) {
    assign(number, frame, link$kept)
    link$kept_bytes <- link$kept_bytes + size
  } else {
    rm(list = ls(link$kept), envir = link$kept)
    link$kept_bytes <- 0
    link$dropped <- link$sent
  }
  if (!away) link$at$ws$send(frame)
  invisible()
}

# The page has everything up to `number`. @return whether that can be
acknowledged <- function(links, at, number) {
  link <- at$link
  if (is.na(number) || number > link$sent) {
    refuse(links, at, "that was never sent")
    return(FALSE)
  }
  if (number <= link$acked) return(TRUE)
  numbers <- digits(seq(link$acked + 1, number))
  link$acked <- number
  link$flight <- link$flight - sum(unlist(mget(numbers, link$sizes)))
  kept <- numbers[vapply(numbers, exists, TRUE, envir = link$kept, inherits = FALSE)]
  link$kept_bytes <- link$kept_bytes - sum(unlist(mget(kept, link$sizes)))
  rm(list = numbers, envir = link$sizes)
  rm(list = kept, envir = link$kept)
  TRUE
}

heard_message <- function(links, at, binary, bytes) {
  link <- at$link
  head <- bytes[seq_len(min(length(bytes), MOST_HEAD))]
  space <- match(as.raw(0x20), head)
  number <- if (is.na(space) || space < 3 || any(head[seq_len(space)] > 0x7e | head[seq_len(space)] == 0)) NA_real_
    else count_of(rawToChar(head[2:(space - 1)]))
  if (is.na(number)) return(refuse(links, at, "that is no frame of a link"))
  if (number <= link$received) return(invisible()) # sent again, and here already
  if (number > link$received + 1) return(refuse(links, at, "a message is missing"))
  link$received <- number
  link$unsaid <- link$unsaid + 1
  link$unsaid_bytes <- link$unsaid_bytes + length(bytes)
  if (link$unsaid >= ACK_MESSAGES || link$unsaid_bytes >= ACK_BYTES) {
    link$unsaid <- link$unsaid_bytes <- 0
    tell(at, "a", number)
  }
  payload <- if (space < length(bytes)) bytes[(space + 1):length(bytes)] else raw(0)
  if (!binary) payload <- tryCatch(rawToChar(payload), error = function(e) payload) # a zero byte: Shiny refuses it
  for (func in link$on_message) {
    done <- try(func(binary, payload))
    # as httpuv does: a session whose handler failed is ended
    if (inherits(done, "try-error")) return(end(links, link, "the app failed on a message"))
  }
  invisible()
}

# The connection is gone, perhaps not the page.
lost <- function(links, at) {
  if (at$over) return(invisible())
  at$over <- TRUE
  link <- at$link
  if (is.null(link) || link$over) return(invisible())
  link$at <- NULL
  # it never proved that it has the key, so it can't come back
  if (link$received == 0) return(end(links, link, "the page left before it began"))
  link$cut <- cut <- link$cut + 1
  link$cut_since <- Sys.time()
  later::later(function() {
    if (link$cut == cut && is.null(link$at))
      end(links, link, paste("the page did not come back within", digits(links$window), "s"))
  }, links$window)
  invisible()
}

resume <- function(links, at, id, key, received) {
  link <- if (grepl("^[0-9a-f]{16}$", id)) links$open[[id]]
  if (is.null(link)) return(refuse(links, at, "there is no such page any more", "gone"))
  if (!same(key, link$key)) return(refuse(links, at, paste("a wrong key for the page", id)))
  if (is.na(received) || received > link$sent || received < link$acked)
    return(refuse(links, at, "that is not where this page stands"))
  if (received < link$dropped) {
    end(links, link, paste("more than", digits(links$keep), "bytes were on their way when it was cut"))
    return(refuse(links, at, "too much was on its way when it was cut", "gone"))
  }
  old <- link$at
  link$at <- at
  at$link <- link
  if (!is.null(old)) { # half dead: it never said that it ended
    old$over <- TRUE
    try(old$ws$close(), silent = TRUE)
  }
  link$cut <- link$cut + 1
  acknowledged(links, at, received)
  link$unsaid <- link$unsaid_bytes <- 0
  at$ws$send(paste("h", VERSION, "resumed", digits(link$received)))
  again <- if (link$sent > received) digits(seq(received + 1, link$sent)) else character()
  for (number in again) at$ws$send(get(number, link$kept, inherits = FALSE))
  links$log(sprintf("page %s is back%s, %d messages sent again", id,
    if (is.null(old)) sprintf(" after %.1f s", as.numeric(Sys.time() - link$cut_since, units = "secs")) else "",
    length(again)))
  invisible()
}

# For good. Shiny hears of it in a turn of its own, as it does from httpuv.
end <- function(links, link, why, quiet = FALSE) {
  if (link$over) return(invisible())
  link$over <- TRUE
  rm(list = link$id, envir = links$open)
  at <- link$at
  link$at <- NULL
  if (!is.null(at) && !at$over) {
    at$over <- TRUE
    try(at$ws$send(paste0("b", why)), silent = TRUE)
    try(at$ws$close(), silent = TRUE)
  }
  link$kept <- link$sizes <- NULL
  link$on_message <- list()
  if (!quiet) links$log(paste0("page ", link$id, " ended: ", why))
  later::later(function() {
    for (func in link$on_close)
      tryCatch(func(), error = function(e) links$log(paste("the app failed at its end:", conditionMessage(e))))
    link$on_close <- list()
  })
  invisible()
}

# From the system's source, never from R's: the app's random numbers must not change by our doing.
random_hex <- function(bytes) {
  source <- file("/dev/urandom", "rb", raw = TRUE)
  on.exit(close(source))
  got <- readBin(source, "raw", bytes)
  if (length(got) != bytes) stop("/dev/urandom gave too little")
  paste(as.character(got), collapse = "")
}

# In a time that doesn't tell where they differ.
same <- function(one, other) {
  one <- charToRaw(one)
  other <- charToRaw(other)
  length(one) == length(other) && sum(as.integer(xor(one, other))) == 0
}
