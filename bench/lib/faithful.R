# The app whose start is timed: the first example of every Shiny book.
library(shiny)
shinyApp(
  fluidPage(titlePanel("Old Faithful"), sliderInput("bins", "Bins", 1, 50, 30), plotOutput("plot")),
  function(input, output) output$plot <- renderPlot(hist(faithful$waiting, breaks = input$bins))
)
