"""Addresses: when two are the same page, whose site it is, and which may not be asked at all. Pure."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

from w3lib.url import canonicalize_url

__all__ = ["canonical_url", "flaw_of_url", "host_of", "site_of"]

# ── tables ───────────────────────────────────────────────────────────────────────────────────────────────────────────

#: Parameters that tell a site where a reader came from, and never which page it is.
#: Left out on purpose: `ref`, `source`, `id`, `v`, `p`, `sn`, `mid`: some site keeps a page under each of them.
_TRACKING_NAMES = """
    fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid twclid ttclid li_fat_id igshid igsh rdt_cid epik
    mc_cid mc_eid mkt_tok _hsenc _hsmi __hssc __hstc __hsfp hsctatracking vero_id vero_conv oly_anon_id
    oly_enc_id ref_src ref_url spm scm from_spmid spm_id_from vd_source share_source share_medium share_plat
    share_session_id _ga _gl _gac s_cid ncid cmpid ocid icid wickedid wt_mc wt.mc_id guccounter guce_referrer
    guce_referrer_sig sr_share smid cmp_id xtor trk trkcampaign __twitter_impression amp_js_v amp_gsa usqp
"""
_TRACKING = frozenset(_TRACKING_NAMES.split())
_TRACKING_PREFIXES = ("utm_", "pk_", "piwik_", "mtm_", "matomo_", "hsa_", "at_", "stm_", "bxid_", "__cft__", "__tn__")
#: Parameters that mean nothing on these sites, though they do elsewhere.
_TRACKING_OF_SITE = {
    "youtube.com": frozenset({"feature", "si", "pp", "ab_channel"}),
    "x.com": frozenset({"s", "t"}),
    "medium.com": frozenset({"source", "sk"}),
}
#: `?amp=1` and its like ask for another form of the same page.
_AMP_PARAMETERS = frozenset({("amp", ""), ("amp", "1"), ("amp", "true"), ("outputtype", "amp")})
_AMP_PATH = re.compile(r"/amp/?$", re.IGNORECASE)
_AMP_SUFFIX = re.compile(r"\.amp(?=\.html?$)|\.amp$", re.IGNORECASE)
_INDEX_PATH = re.compile(r"/index\.(?:html?|php)$", re.IGNORECASE)

_FORM_LABELS = frozenset({"www", "m", "mobile", "amp"})  #: first labels that name a form of the site
_ALIASES = {"twitter.com": "x.com", "old.reddit.com": "reddit.com", "np.reddit.com": "reddit.com"}
_DEFAULT_PORTS = {"http": 80, "https": 443}

#: Suffixes of two labels under which sites register; enough to tell independent sites apart without a download.
_SECOND_LEVEL_NAMES = "ac co com edu gob gov gouv go idv in info ltd me mil ne net nic nom or org plc sch"
_SECOND_LEVEL = frozenset(_SECOND_LEVEL_NAMES.split())
#: Hosts that lend a subdomain to each author.
_HOSTED_NAMES = """
    github.io gitlab.io pages.dev workers.dev netlify.app vercel.app web.app firebaseapp.com herokuapp.com
    blogspot.com wordpress.com substack.com tumblr.com medium.com ghost.io hashnode.dev readthedocs.io
    pixnet.net
"""
_HOSTED = frozenset(_HOSTED_NAMES.split())
_MOST_FOLDS = 8
_COUNTRY = 2  #: letters of a country's top-level domain
#: URL parsers disagree on where the host ends at a backslash; terminals and lists of lines act on the others.
_NEVER_IN_URL = re.compile(r"[\\\x00-\x1f\x7f-\x9f\u2028\u2029]")

# ── the functions ────────────────────────────────────────────────────────────────────────────────────────────────────


def canonical_url(url: str) -> str:
    """The key under which all spellings of one page's address fall together.

    A key to compare, not an address to ask: http is folded into https, and `www.`, `m.`, `mobile.` and `amp.` into the
    bare host, which need not answer. What is no http(s) URL comes back as it is, stripped. Idempotent.
    """
    text = url.strip()
    # One fold can lay bare what the next one folds: `/amp;/` becomes `/amp`.
    for _ in range(_MOST_FOLDS):
        try:
            folded = _folded(text)
        except ValueError:  # no address at all, by one rule or another
            break
        if folded == text:
            break
        text = folded
    return text


def host_of(url: str) -> str:
    """The host in lower case, without port; `""` when there is none."""
    try:
        return (urlsplit(url.strip()).hostname or "").rstrip(".")
    except ValueError:
        return ""


def site_of(url: str) -> str:
    """The registrable part of the host, near enough: pages of one site are not independent of each other."""
    host = _fold_host(host_of(url))
    labels = host.split(".")
    if host.replace(".", "").isdigit() or ":" in host:  # a numeric address
        return host
    return ".".join(labels[-_labels_of_site(labels) :])


def flaw_of_url(url: str) -> str:
    """Why an address may not be asked, in a few words that quote nothing of it; `""` when it may."""
    if _NEVER_IN_URL.search(url):
        return "a backslash or control character stands in it"
    try:
        parts = urlsplit(url)
    except ValueError:
        return "it holds no IPv6 address in its brackets" if "[" in url or "]" in url else "it names no host"
    if not parts.scheme:
        return "it does not begin with http:// or https://"
    if parts.scheme not in _DEFAULT_PORTS:
        return f"{parts.scheme} is neither http nor https"
    return _flaw_of_authority(parts)


# ── parts ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _flaw_of_authority(parts: SplitResult) -> str:
    if parts.username is not None:
        return "it holds a user name or a password, and nothing is fetched with one"
    try:
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "its port is no number up to 65535"
    return "" if host else "it names no host"


def _folded(url: str) -> str:
    parts = urlsplit(canonicalize_url(_with_bare_fragment(url), keep_fragments=True))
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        return url
    host = _fold_host(parts.hostname)
    netloc = f"[{host}]" if ":" in host else host
    if parts.port not in (None, *_DEFAULT_PORTS.values()):
        netloc = f"{netloc}:{parts.port}"
    folded = urlunsplit(("https", netloc, _fold_path(parts.path), _fold_query(parts, host), parts.fragment))
    return canonicalize_url(folded, keep_fragments=True)


def _with_bare_fragment(url: str) -> str:
    """Without its fragment, unless that is the old way (`#!`) of naming a page."""
    base, mark, fragment = url.partition("#")
    return url if mark and fragment.startswith("!") else base


def _fold_host(host: str) -> str:
    labels = host.lower().rstrip(".").split(".")
    while len(labels) > 2 and labels[0] in _FORM_LABELS:  # noqa: PLR2004 - a name and its top-level domain stay
        labels = labels[1:]
    # `en.m.wikipedia.org`
    labels = [label for at, label in enumerate(labels) if not (label == "m" and 0 < at < len(labels) - 2)]
    folded = ".".join(labels)
    return _ALIASES.get(folded, folded)


def _fold_path(path: str) -> str:
    """Without the trailing slash, `/amp`, `.amp` and `index.html`."""
    before = None
    while path != before:
        before = path
        path = _INDEX_PATH.sub("", _AMP_SUFFIX.sub("", _AMP_PATH.sub("", path.rstrip("/"))))
    return path or "/"


def _fold_query(parts: SplitResult, host: str) -> str:
    meaningless = _TRACKING | _TRACKING_OF_SITE.get(host, frozenset())
    pairs = parse_qsl(parts.query, keep_blank_values=True, encoding="latin-1")
    kept = [(name, value) for name, value in pairs if not _is_form(name, value) and name.lower() not in meaningless]
    kept = [(name, value) for name, value in kept if not name.lower().startswith(_TRACKING_PREFIXES)]
    return urlencode(kept, encoding="latin-1")  # latin-1 there and back: every byte survives, whatever its charset


def _is_form(name: str, value: str) -> bool:
    return (name.lower(), value.lower()) in _AMP_PARAMETERS


def _labels_of_site(labels: list[str]) -> int:
    if ".".join(labels[-2:]) in _HOSTED:
        return 3
    is_second_level = len(labels[-1]) == _COUNTRY and labels[-2:-1] and labels[-2] in _SECOND_LEVEL
    return 3 if is_second_level else 2
