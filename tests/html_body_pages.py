"""Pages written for the tests of the main-text extraction, with the furniture that real ones carry."""

from __future__ import annotations

from typing import Final

COOKIES: Final = """
<div id="cookie-consent" class="cookie-banner" role="dialog"><h2>We value your privacy</h2>
<p>We and our 212 partners store and access personal data, like browsing data or unique identifiers, on your device.
Selecting Accept enables tracking technologies to support the purposes shown under each heading.</p>
<button>Accept all</button></div>"""

MENU: Final = """
<header class="site-header"><a class="skip" href="#main">Skip to content</a>
<nav><ul><li><a href="/world">World</a></li><li><a href="/tech">Technology</a></li><li><a href="/money">Money</a></li>
<li><a href="/sport">Sport</a></li></ul></nav></header>"""

FOOTER: Final = """
<footer><p>© 2026 The Harbour Gazette. All rights reserved. No part of this site may be copied without permission.</p>
<ul><li><a href="/about">About us</a></li><li><a href="/terms">Terms</a></li></ul></footer>"""

NEWS: Final = f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<title>Harbour bridge reopens after eleven weeks | The Harbour Gazette</title>
<meta property="og:type" content="article">
<meta property="article:published_time" content="2026-03-04T08:00:00Z">
<script type="application/ld+json">{{"@context": "https://schema.org", "@type": "NewsArticle",
"headline": "Harbour bridge reopens after eleven weeks"}}</script></head><body>{COOKIES}{MENU}
<main><article><h1>Harbour bridge reopens after eleven weeks</h1>
<p>The harbour bridge reopened to traffic on Wednesday morning, eleven weeks after engineers found cracks in two of its
forty-eight hangers during a routine inspection.</p>
<p>The city spent 3.2 million euros on the repair, a third less than the first estimate, because the steel could be
replaced at night without closing the railway below.</p>
<h2>What comes next</h2>
<p>Lorries above twelve tonnes stay banned until sensors have measured the new hangers through one full summer, the
roads office said in a statement.</p>
<ul><li>Buses return to the old timetable on Monday.</li><li>The ferry keeps running until the end of the month.</li>
</ul>
<blockquote><p>“We would rather be slow than wrong,” said Ines Kolb, who leads the bridge office.</p></blockquote>
<div class="share-buttons"><a href="#">Share on Mastodon</a> <a href="#">Copy link</a></div>
<aside class="related-articles"><h3>Related</h3><ul><li><a href="/a">Ferry operator adds two boats</a></li>
<li><a href="/b">Why hangers crack in the cold</a></li></ul></aside></article>
<section class="newsletter-signup"><p>Get the morning letter: sign up for our daily newsletter and never miss a
headline from the harbour again.</p></section></main>{FOOTER}</body></html>"""

DOCUMENTATION: Final = f"""<!DOCTYPE html><html><head><title>Queues - Ferry 4.2 documentation</title></head><body>
<div class="sidebar-nav"><ul><li><a href="install">Installation</a></li><li><a href="queues">Queues</a></li>
<li><a href="workers">Workers</a></li><li><a href="logs">Logging</a></li></ul></div>
<main><h1>Queues</h1>
<p>A queue holds jobs until a worker takes them. Each queue has a name, and a limit on how many jobs it accepts before
callers have to wait for a free place.</p>
<pre><code>queue = Queue("mail")
queue.put(job)</code></pre>
<h2>Options</h2>
<table><tr><th>Option</th><th>Default</th></tr><tr><td>limit</td><td>100</td></tr><tr><td>retry</td><td>3</td></tr>
</table>
<h2>Errors</h2>
<p>When the limit is reached, <code>put</code> raises <code>QueueFull</code> after the timeout has passed, and the job
is returned to the caller unchanged.</p></main>{FOOTER}</body></html>"""

FORUM: Final = f"""<!DOCTYPE html><html><head><title>Sourdough starter smells of acetone</title></head><body>{MENU}
<div class="thread">
<div class="post" id="p1"><div class="post-author">kneadful</div><div class="post-body">
<p>My starter is nine days old and since yesterday it smells of nail polish. I feed it once a day with rye flour and
keep it on the kitchen shelf at about 26 degrees. Is it ruined?</p></div></div>
<div class="post" id="p2"><div class="post-author">crumbs</div><div class="post-body">
<p>No, it is only hungry. At that temperature it has eaten everything after eight hours, so feed it twice a day, or use
less of the old starter for each feeding.</p></div></div>
<div class="post" id="p3"><div class="post-author">kneadful</div><div class="post-body">
<p>Twice a day did it. After three feedings the smell has gone and it doubles in five hours again, thank you very much
for the quick help.</p></div></div>
</div>{FOOTER}</body></html>"""

PRODUCT: Final = f"""<!DOCTYPE html><html><head><title>Kestrel 30 backpack</title>
<meta property="og:type" content="product"></head><body>{COOKIES}{MENU}
<main><h1>Kestrel 30 backpack</h1><p class="price">€ 129.00</p>
<div class="product-description overflow-hidden"><p>A thirty-litre pack for two days in the hills, made of recycled
sailcloth that keeps its contents dry through an hour of steady rain.</p>
<ul><li>Weight: 980 g</li><li>Volume: 30 l</li><li>Fits laptops up to 16 inches</li></ul></div>
<div role="tabpanel" aria-hidden="true" id="care"><p>Wash it by hand in lukewarm water without softener, and let it
dry in the shade with all of its zips open.</p></div></main>
<section class="customer-reviews reviews"><h2>Customer reviews</h2><p>Bought it for my daughter and she has worn it
every single day since, rain or shine. Five stars from our family!</p></section>{FOOTER}</body></html>"""

APP: Final = f"""<!DOCTYPE html><html><head><title>Tidewatch - Apps on the shop</title></head><body>{MENU}
<main><h1>Tidewatch</h1><div>Saltmarsh Studio</div>
<div data-g-id="description">Tidewatch shows high and low water for four thousand harbours, on the phone itself and
without a connection.<br><br>New in this version: a widget for the lock screen, and tables that can be printed for a
whole month.<br><br>There are no advertisements and no account.</div>
<section><h2>Data safety</h2><p>The developer says that this app collects no data about the people who use it.</p>
</section></main>{FOOTER}</body></html>"""

CHINESE: Final = """<html><head><title>港口大桥重新开放</title></head><body><table width="100%"><tr><td>
<a href="/">首页</a> <a href="/news">新闻</a> <a href="/bbs">论坛</a> <a href="/sports">体育</a></td></tr></table>
<table><tr><td width="700"><div align="center"><font size="5">港口大桥重新开放</font></div>
<div id="content">　　港口大桥于星期三上午恢复通车，距离工程师在例行检查中发现两根吊索出现裂纹已有十一个星期。<br><br>
　　市政府表示，维修共花费三百二十万欧元，比最初的估算少三分之一，因为钢索可以在夜间更换，不必关闭桥下的铁路。<br><br>
　　重型货车在完成一个夏季的监测之前仍然禁止通行，渡轮服务将持续到本月底，公交车从星期一起恢复原来的时刻表。</div></td>
<td width="200"><a href="/1">渡轮公司增加两艘船</a><br><a href="/2">寒冷天气为何损坏吊索</a></td></tr></table>
<table><tr><td align="center">版权所有 未经许可不得转载 <a href="/about">关于我们</a></td></tr></table></body></html>"""
