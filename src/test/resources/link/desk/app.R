# Counts everything a lost or doubled message would show in: clicks (in R and in the page's session), pages, ends,
# uploads, and a burst of a thousand outputs which the page writes down as they come.
library(shiny)
options(shiny.maxRequestSize = 64 * 1024^2)

total <- pages <- ends <- uploads <- 0

ui <- fluidPage(
  tags$head(tags$script(HTML("
    window.ticks = []; window.links = [];
    document.addEventListener('carrel:link', (e) => window.links.push({...e.detail, at: Date.now()}));
    document.addEventListener('DOMContentLoaded', () =>
      $(document).on('shiny:value', (e) => { if (e.name === 'tick') window.ticks.push(Number(e.value)) }));
  "))),
  actionButton("count", "Count"), actionButton("burst", "Burst"), actionButton("close", "Close"),
  fileInput("file", "File"),
  textOutput("total"), textOutput("page"), textOutput("pages"), textOutput("ends"), textOutput("tick"), textOutput("got")
)

server <- function(input, output, session) {
  pages <<- pages + 1
  number <- pages
  session$onSessionEnded(function() { ends <<- ends + 1; message("SESSION ENDED ", number) })
  clicks <- reactiveVal(0)
  observeEvent(input$count, { total <<- total + 1; clicks(clicks() + 1) })
  observeEvent(input$close, session$close())

  left <- reactiveVal(0)
  tick <- reactiveVal(0)
  begun <- reactiveVal(0)
  observeEvent(input$burst, { left(1000); begun(begun() + 1) })
  observe({
    begun()
    req(isolate(left()) > 0)
    invalidateLater(1) # so that each is an output of its own
    isolate({ left(left() - 1); tick(tick() + 1) })
  })

  output$total <- renderText({ clicks(); total })
  output$page <- renderText(clicks())
  output$pages <- renderText(number)
  output$ends <- renderText({ clicks(); ends })
  output$tick <- renderText(tick())
  output$got <- renderText({
    file <- req(input$file)
    uploads <<- uploads + 1
    paste(uploads, file$size, tools::md5sum(file$datapath))
  })
}

shinyApp(ui, server)
