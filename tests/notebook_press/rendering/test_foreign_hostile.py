"""HTML that tries to be more than HTML, through each of the doors that `foreign` opens."""

import base64
import re
from html.parser import HTMLParser
from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from notebook_press.rendering.outputs.foreign import clean
from notebook_press.rendering.sanitising import clean_output, clean_prose

WEB = "https://a.example/x"
DRAWING = (
    f"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script><style>@im"
    f"port '{WEB}';</style><image href='{WEB}'/><use href='{WEB}#y'/><foreignObject><iframe src="
    f"'{WEB}'></iframe></foreignObject><a href='javascript:alert(1)'><rect width='9' height='9' "
    f"fill='url({WEB})' onclick='alert(1)'/><set attributeName='href' to='javascript:x'/></a></svg>"
)
STYLES = [
    "position:fixed;inset:0",
    "po\\73ition:absolute",
    "POSITION:sticky",
    "margin-top:-99em",
    "transform:scale(99)",
    "box-shadow:0 0 0 99em red",
    "outline:99em solid red",
    "animation:x 1s",
    "z-index:9",
    f"background:url({WEB})",
    f"background:red url('{WEB}')",
    f"background:image-set('{WEB}' 1x)",
    "background:u\\72l(x)",
    f"background:/**/url({WEB})",
    f"list-style:url({WEB})",
    "width:expression(alert(1))",
    "color:var(--x)",
    "behavior:url(x)",
    "margin-left:-99em",
    "padding:99999px",
    "font-size:0",
    "width:calc(1px - 99em)",
    "float:left",
    "filter:blur(9px)",
    "content:url(x)",
    "color:red;}</style><script>alert(1)</script>",
    "color:red!important;position:fixed!important",
]
ENCODED = base64.b64encode(DRAWING.encode()).decode()
DOORS = {
    "markup": "{}".format,
    "table": "<table><tr><td>{}</td></tr></table>".format,
    "svg": "<svg><foreignObject>{}</foreignObject><rect width='9' height='9'/></svg>".format,
    "title": "<svg><title>{}</title><rect width='9' height='9'/></svg>".format,
    "maths": "<math><mtext>{}</mtext></math>".format,
    "annotation": "<math><annotation-xml encoding='text/html'>{}</annotation-xml></math>".format,
    "noscript": "<noscript><p title='</noscript>{}'></noscript>".format,
    "textarea": "<textarea><p title='</textarea>{}'></textarea>".format,
    "xmp": "<xmp>{}</xmp>".format,
    "comment": "<!--x--!>{}<!-->x-->".format,
    "cdata": "<svg><![CDATA[{}]]></svg>".format,
    "template": "<template shadowrootmode=open>{}</template>".format,
    "option": "<select><option selected>{}</select>".format,
    "video": "<video>{}</video>".format,
    "frame": "<iframe srcdoc='{}'></iframe>".format,
    "sheet": "<style>p::after {{ content: '{}' }}</style><p>x</p>".format,
    "button": "<button>{}</button>".format,
    "value": "<input value='{}'>".format,
    "alt": "<img src='x' alt='{}'>".format,
}
ATTACKS = [
    "<script>alert(1)</script><scr<script>ipt>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src='data:text/html;base64,PHN2Zz4='>",
    "<a href='javascript:alert(1)'>x</a><a href='data:text/html,x'>x</a><a href='//x.y'>x</a>",
    f"<form action='{WEB}'><button formaction='x'>x</button></form>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></table></math>",
    "<math href='javascript:alert(1)'><mi>x</mi></math>",
    DRAWING,
    f"<img src='data:image/svg+xml;base64,{ENCODED}'>",
    f"<img src='data:image/svg+xml,{quote(DRAWING)}'>",
    f"<img src='data:image/svg+xml;utf8,{quote(DRAWING)}'>",
    f"<video poster='data:image/svg+xml;base64,{ENCODED}' src='javascript:alert(1)'></video>",
    f"<object data='data:text/html;base64,{ENCODED}'></object><embed src='javascript:alert(1)'>",
    f"<iframe src='javascript:alert(1)'></iframe><iframe src='data:text/html,{ENCODED}'></iframe>",
    f"<img src='{WEB}' srcset='{WEB} 2x'><picture><source srcset='{WEB}'></picture>",
    f"<link rel=stylesheet href='{WEB}'><base href='{WEB}'><meta http-equiv=refresh content=0>",
    f"<body background='{WEB}' onload=alert(1)><table background='{WEB}'></table>",
    "<a href=' java\tscript:alert(1)' id=x onfocus=alert(1) autofocus tabindex=1>x</a>",
    "<div><svg><style><img src=x onerror=alert(1)></style></svg></div>",
    "<p><svg></p><style><g title='</style><img src=x onerror=alert(1)>'></style>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
]


class Left(HTMLParser):
    """What in some HTML runs, loads, leads astray or leaves its place."""

    SAFE_STYLE = re.compile(
        r"(?:[a-z-]+:(?:[\w#%.,+/ -]|(?:rgba?|hsla?|linear-gradient|light-dark)\(|\))*;?)*"
    )
    LEAVES = re.compile(r"(?:^|;)(?:position|inset|z-index|transform|float|filter|margin:)|:-\d")

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        if tag in ("script", "style", "iframe", "object", "embed", "link", "meta", "base", "form"):
            self.faults.append(tag)
        for name, value in attrs:
            value = value or ""
            fit = {
                "href": bool(re.match(r"https?://|mailto:|#|[\w.]+$", value)),
                "src": value.startswith("data:image/") and is_harmless(value),
                "style": bool(self.SAFE_STYLE.fullmatch(value) and not self.LEAVES.search(value)),
            }.get(
                name, not name.startswith("on") and name not in ("srcset", "action", "background")
            )
            if not fit:
                self.faults.append(f"{tag} {name}={value}")

    def handle_comment(self, data):
        self.faults.append(f"comment {data}")


def is_harmless(address):
    """Whether a picture is none of SVG, or one whose elements neither run nor load anything."""
    head, _, content = address.partition(";base64,")
    if head != "data:image/svg+xml":
        return head in ("data:image/png", "data:image/jpeg", "data:image/gif", "data:image/webp")
    root = ElementTree.fromstring(base64.b64decode(content))
    names = [str(name).rpartition("}")[2].lower() for each in root.iter() for name in each.attrib]
    values = [value for each in root.iter() for value in each.attrib.values()]
    values += [each.text or "" for each in root.iter() if each.tag.endswith("style")]
    tags = {each.tag.rpartition("}")[2].lower() for each in root.iter()}
    return (
        not tags & {"script", "foreignobject", "iframe", "img"}
        and not any(name.startswith("on") for name in names)
        and not any(re.search(r"javascript|a\.example|@import", value) for value in values)
    )


@pytest.mark.promise("HTML of others neither runs nor fetches anything, wherever it stands.")
@pytest.mark.parametrize("is_prose", [False, True])
def test_no_attack_comes_through_any_door(is_prose):
    finish = clean_prose if is_prose else clean_output
    found = {}
    for door, put in DOORS.items():
        for attack in ATTACKS:
            cleaned = clean(put(attack), "cell 1", is_prose=is_prose).html
            for made in (cleaned, finish(cleaned)):
                if faults := Left(made).faults:
                    found[door, attack[:60]] = faults
    assert found == {}


@pytest.mark.parametrize("is_prose", [False, True])
def test_no_style_loads_anything_or_leaves_its_place(is_prose):
    found = {}
    for style in STYLES:
        for put in ('<p style="{0}">x</p>', "<style>p {{ {0} }}</style><p>x</p>"):
            made = clean(put.format(style), "cell 1", is_prose=is_prose).html
            if faults := Left(made).faults:
                found[style] = faults
    assert found == {}


HUGE = {
    "nested": "<style>p { color: red }</style>" + "<div>" * 100_000 + "x",
    "formatted": "<b><p>" * 300 + "x",
    "drawn": "<svg>" + "<g>" * 5000 + "<path d='M0 0'/></svg>",
    "selectors": "<style>" + "a," * 50_000 + "a { color: red }</style>" + "<a>x</a>" * 2000,
    "values": f"<style>a {{ font-size: {'x' * 200_000} }}</style>" + "<a>x</a>" * 2000,
    "variables": "<style>:root { --a0: aaaaaaaa; "
    + "".join(f"--a{i + 1}: var(--a{i}) var(--a{i});" for i in range(60))
    + "} p { color: var(--a60) }</style><p>x</p>",
    "spans": "<table>" + "<tr><td colspan=65000 rowspan=65000>x</td></tr>" * 50 + "</table>",
    "unclosed": "<" * 10_000 + "&" * 10_000,
}


@pytest.mark.parametrize("name", HUGE)
def test_html_that_would_grow_or_break_its_parser_stays_small(name):
    assert len(clean(HUGE[name], "cell 1").html) < 5 * len(HUGE[name]) + 1000
