"use strict";
// Draws each Plotly figure from the data that stand beside it; what can't be drawn shows what stands
// for it without scripts.
for (const chart of document.querySelectorAll("figure.chart")) {
  const place = chart.querySelector(".live");
  const config = {
    displaylogo: false,
    plotlyServerURL: "",
    responsive: true,
    showSendToCloud: false,
    toImageButtonOptions: { format: "svg" },
  };
  const fail = () => chart.classList.add("failed");
  try {
    const { data, layout, frames } = JSON.parse(chart.querySelector("script").textContent);
    layout.autosize = true;
    if (place.clientWidth < 480) {  // a phone's: most of it would be margin
      layout.margin = { l: 55, r: 20, t: 60, b: 50, ...layout.margin };
      layout.legend = { orientation: "h", ...layout.legend };
    }
    Plotly.newPlot(place, { data, layout, frames, config })
      .then(() => place.querySelector(".no-webgl") && fail())
      .catch(fail);
  } catch {
    fail();
  }
}
