# What the link costs for each message, beside what Shiny does for it: Rscript src/test/link/cost.R
# One output value of 200 bytes down, one click up; the page acknowledges every 32nd, as link.js does.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
link <- new.env(parent = baseenv())
sys.source(file.path(here, "../../main/resources/link/link.R"), link)

ROUNDS <- 50000
bytes <- 0
wire <- list(
  request = new.env(), onMessage = function(func) hear <<- func, onClose = function(func) NULL,
  send = function(message) bytes <<- bytes + if (is.raw(message)) length(message) else nchar(message, "bytes"),
  close = function(...) NULL
)
links <- link$new_links(300, 16 * 1024^2, function(ws) { socket <<- ws; ws$onMessage(function(binary, message) NULL) }, message)
invisible(link$accept(links, wire))
hear(FALSE, "h 1 new")

micros <- function(times, what) round(1e6 * sum(system.time(for (i in seq_len(times)) what(i))[1:2]) / times, 1)
value <- list(errors = list(), values = list(out = strrep("x", 150)), inputMessages = list())
down <- as.character(shiny:::toJSON(value))
up <- "{\"method\":\"update\",\"data\":{\"count:shiny.action\":1}}"

json <- micros(5000, function(i) shiny:::toJSON(value))
plain_down <- micros(ROUNDS, function(i) wire$send(down))
bytes <- 0
linked_down <- micros(ROUNDS, function(i) {
  socket$send(down)
  if (i %% 32 == 0) hear(FALSE, paste0("a", sprintf("%.0f", i)))
})
bytes_down <- bytes / ROUNDS - nchar(down)
decode <- micros(5000, function(i) shiny:::decodeMessage(charToRaw(up)))
bytes <- 0
linked_up <- micros(ROUNDS, function(i) hear(FALSE, paste0("m", sprintf("%.0f", i), " ", up)))

cat(sprintf("R %s, shiny %s\n", getRversion(), getNamespaceVersion("shiny")))
cat(sprintf("down: link %.1f us a message (%.1f of them the sending); Shiny's toJSON alone %.1f us; %.1f bytes more of %d\n",
  linked_down, plain_down, json, bytes_down, nchar(down)))
cat(sprintf("up:   link %.1f us a message; Shiny's decodeMessage alone %.1f us; about %d bytes more of %d; %.2f bytes down for acknowledgements\n",
  linked_up, decode, nchar(sprintf("m%d ", ROUNDS)), nchar(up), bytes / ROUNDS))
