// Draws the charts of a page from the numbers in it, in the colours of the style sheet. Loads nothing.
"use strict";

(() => {
  const config = { displayModeBar: false, displaylogo: false, responsive: true, scrollZoom: false, doubleClick: false };

  function colours() {
    const style = getComputedStyle(document.documentElement);
    const value = (name) => style.getPropertyValue(name).trim();
    return {
      ink: value("--ink"),
      quiet: value("--quiet"),
      line: value("--line"),
      paper: value("--paper"),
      font: value("--sans"),
      series: [1, 2, 3, 4, 5, 6, 7, 8].map((number) => value(`--series-${number}`)),
    };
  }

  function coloured(layout, colour) {
    const axis = { color: colour.quiet, gridcolor: colour.line, linecolor: colour.line, zerolinecolor: colour.line };
    return {
      ...layout,
      xaxis: { ...layout.xaxis, ...axis },
      yaxis: { ...layout.yaxis, ...axis },
      colorway: colour.series,
      font: { family: colour.font, size: 12, color: colour.ink },
      hoverlabel: { bgcolor: colour.paper, bordercolor: colour.line, font: { color: colour.ink } },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
    };
  }

  function draw() {
    const colour = colours();
    for (const source of document.querySelectorAll("script.chart-data")) {
      const figure = JSON.parse(source.textContent);
      Plotly.react(source.previousElementSibling, figure.data, coloured(figure.layout, colour), config);
    }
  }

  // A click on a bar or a point leads to what made its number; the table below has the same links for the keyboard.
  function lead() {
    for (const plot of document.querySelectorAll(".plot")) {
      plot.on("plotly_click", (event) => {
        const way = plot.data.at(-1).customdata?.[event.points[0].pointIndex];
        if (way) location.assign(way[0]);
      });
    }
  }

  draw();
  lead();
  document.addEventListener("themechange", draw);
  for (const query of ["(prefers-color-scheme: dark)", "print"]) {
    window.matchMedia(query).addEventListener("change", draw);
  }
})();
