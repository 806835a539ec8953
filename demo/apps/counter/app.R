# Two counters that tell what was lost: one lives in the R process, one in the page's session with it. A process that
# went and came back shows in the first, a page that was connected anew shows in the second.
library(shiny)

total <- 0 # of the process: survives a reload of the page
pages <- 0 # that were connected anew: a page that only lost its connection for a while isn't

ui <- fluidPage(
  tags$head(tags$style(HTML("
    body { max-width: 40rem; margin: 2rem auto; }
    dt { margin-top: .8rem; } dd { font-size: 1.6rem; font-variant-numeric: tabular-nums; }
  "))),
  tags$h1("Counter"),
  actionButton("count", "Count", class = "btn-primary"),
  tags$dl(
    tags$dt("in this R process"), tags$dd(textOutput("total", inline = TRUE)),
    tags$dt("in this page"), tags$dd(textOutput("page", inline = TRUE)),
    tags$dt("pages so far"), tags$dd(textOutput("pages", inline = TRUE)),
    tags$dt("process id"), tags$dd(textOutput("pid", inline = TRUE)),
    tags$dt("signed in as"), tags$dd(textOutput("user", inline = TRUE))
  )
)

server <- function(input, output, session) {
  page <- reactiveVal(0)
  shown <- reactiveVal(total)
  pages <<- pages + 1
  number <- pages

  observeEvent(input$count, {
    total <<- total + 1
    shown(total)
    page(page() + 1)
  })

  output$total <- renderText(shown())
  output$page <- renderText(page())
  output$pages <- renderText(number)
  output$pid <- renderText(Sys.getpid())
  output$user <- renderText({
    user <- session$request$HTTP_X_CARREL_USER # set by the gateway, never by the browser
    if (is.null(user)) "nobody" else user
  })
}

shinyApp(ui, server)
