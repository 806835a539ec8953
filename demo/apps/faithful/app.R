# Old Faithful: the eruptions of a geyser, as a histogram with a slider. The data come with R.
library(shiny)

ui <- fluidPage(
  tags$head(tags$style(HTML("
    .well { background: transparent; }
    h1 { font-size: 1.6rem; margin: 1rem 0 .2rem; }
  "))),
  tags$h1("Old Faithful"),
  tags$p("How long the geyser erupts, in 272 observations."),
  sidebarLayout(
    sidebarPanel(
      sliderInput("bins", "Number of bins", min = 1, max = 50, value = 25),
      selectInput("what", "Show", c(
        "Length of an eruption (min)" = "eruptions",
        "Wait for the next one (min)" = "waiting"
      )),
      checkboxInput("density", "Draw the density", value = FALSE)
    ),
    mainPanel(
      plotOutput("histogram", height = "360px"),
      tags$p(textOutput("summary", inline = TRUE))
    )
  )
)

server <- function(input, output, session) {
  values <- reactive(faithful[[input$what]])

  output$histogram <- renderPlot(
    {
      x <- values()
      breaks <- seq(min(x), max(x), length.out = input$bins + 1)
      par(mar = c(4.2, 4.2, 1, 1), las = 1)
      hist(x,
        breaks = breaks, freq = !input$density, col = "#2f6f8f", border = "white", main = NULL,
        xlab = if (input$what == "eruptions") "Length of an eruption (min)" else "Wait for the next one (min)"
      )
      if (input$density) lines(density(x), col = "#c8553d", lwd = 3)
    },
    alt = reactive(sprintf("Histogram of %s with %d bins", input$what, input$bins))
  )

  output$summary <- renderText({
    x <- values()
    sprintf("%d values in %d bins, mean %.2f, median %.2f", length(x), input$bins, mean(x), median(x))
  })
}

shinyApp(ui, server)
