# Answers what a test says over the wire of a link.
library(shiny)
set.seed(1) # whoever draws from R's random numbers shows in what a page is told of them

if (nzchar(Sys.getenv("TEST_FILTER")))
  options(shiny.http.response.filter = function(req, response) {
    response$content <- sub("</body>", "<i>filtered</i></body>", response$content, fixed = TRUE)
    response
  })

pages <- 0

ui <- fluidPage(textOutput("uploads"), downloadLink("report", "Report"))

server <- function(input, output, session) {
  pages <<- pages + 1
  number <- pages
  tell <- function(what, ...) session$sendCustomMessage(what, paste(...))
  session$onSessionEnded(function() message("SESSION ENDED ", number))
  tell("page", number)
  observeEvent(input$say, tell("said", input$say))
  observeEvent(input$burst, for (i in seq_len(input$burst)) tell("tick", i))
  observeEvent(input$fat, for (i in seq_len(input$fat)) tell("fat", strrep("x", 1024)))
  observeEvent(input$later, {
    tell("soon")
    later::later(function() for (i in seq_len(isolate(input$later))) tell("fat", strrep("x", 1024)), 1)
  })
  observeEvent(input$blob, session$sendBinaryMessage("blob", as.raw(255:0)))
  observeEvent(input$random, tell("random", runif(1)))
  observeEvent(input$memory, tell("memory", round(sum(gc()[, 2]))))
  observeEvent(input$close, session$close())
  observeEvent(input$fail, stop("as the test wished"))
  observeEvent(input$file, tell("file", input$file$size))
  output$report <- downloadHandler("report.html", function(file)
    writeLines("<html><head></head><body>shiny.min.js</body></html>", file))
  outputOptions(output, "report", suspendWhenHidden = FALSE)
}

shinyApp(ui, server)
