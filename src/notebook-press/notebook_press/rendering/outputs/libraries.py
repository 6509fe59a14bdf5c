"""What draws with scripts, known by the marks that it leaves in its HTML."""

import re

UNKNOWN = "HTML that only its scripts fill"
_A_PICTURE = "store a picture of it in the notebook"
_KNOWN = tuple(
    (re.compile(pattern, re.IGNORECASE), what, advice)
    for pattern, what, advice in (
        (r"leaflet|folium", "Map of folium", _A_PICTURE),
        (r"Plotly\.", "Plotly chart", 'store a picture with it, for instance fig.show("png")'),
        (r"vegaEmbed|vega-embed", "Vega chart", "display the chart object itself"),
        (r"geo\+json", "Map (GeoJSON)", _A_PICTURE),
        (r"bokeh", "Bokeh plot", "store a picture of it, for instance with export_png"),
        (r"holoviews|panel\.", "HoloViews plot", _A_PICTURE),
        (r"vis-network|vis\.Network", "Network of pyvis", _A_PICTURE),
        (r"mpld3", "Figure of mpld3", "display the figure of matplotlib"),
        (r"itables|DataTable\(", "Table of itables", "display the data frame itself"),
        (r"\bshap\b", "Plot of SHAP", "draw it with matplotlib=True"),
        (r"echarts", "Chart of ECharts", _A_PICTURE),
        (r"Highcharts", "Chart of Highcharts", _A_PICTURE),
        (r"3Dmol", "Molecule of py3Dmol", _A_PICTURE),
        (r"deck\.gl|pydeck", "Map of pydeck", _A_PICTURE),
        (r"kepler", "Map of kepler.gl", _A_PICTURE),
        (r"pygwalker|graphic-walker", "PyGWalker", "draw the chart that it shows"),
        (r"bqplot", "Plot of bqplot", _A_PICTURE),
        (r"jupyter-widgets|ipywidgets|widget-view", "Widget", "print what it shows"),
        (r"ydata|pandas.profiling", "Profile of a data frame", "link to the file that it writes"),
        (r"mermaid", "Mermaid diagram", _A_PICTURE),
        (r"\bd3\.", "Drawing by D3", _A_PICTURE),
        (r"MathJax|katex", "Formula", "write it as Markdown or LaTeX"),
    )
)


def name_of(html: str) -> tuple[str, str]:
    """What the scripts in some HTML draw, in words, and what would have it shown."""
    for pattern, what, advice in _KNOWN:
        if pattern.search(html):
            return what, advice
    return UNKNOWN, _A_PICTURE
