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
    Plotly.newPlot(place, { data, layout: { ...layout, autosize: true }, frames, config }).catch(fail);
  } catch {
    fail();
  }
}
