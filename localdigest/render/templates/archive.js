"use strict";
// Hides the digests that do not hold all the words asked for. It reads what stands on the page, and writes no HTML.
(() => {
  const field = document.getElementById("search");
  const told = document.getElementById("found");
  const plain = (text) => text.normalize("NFKC").toLowerCase().replace(/["\s]+/g, " ");
  const digests = Array.from(document.querySelectorAll("main article"), (article) => {
    const more = article.querySelector("details");
    const shown = Array.from(article.children).filter((child) => child !== more);
    return { article, more, shown: plain(shown.map((child) => child.textContent).join(" ")), all: plain(article.textContent) };
  });
  const months = Array.from(document.querySelectorAll("main section"));

  // Words parted by spaces, "words in quotes" as one. Chinese has no spaces: a run of it may also stand in pieces of two.
  const asked = (text) =>
    Array.from(text.normalize("NFKC").matchAll(/"([^"]+)"|[^\s"]+/g), (match) => plain(match[1] || match[0])).filter(
      (word) => word !== " ",
    );
  const pieces = (word) =>
    /^[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]{3,}$/u.test(word)
      ? Array.from(word).slice(1).map((letter, index) => Array.from(word)[index] + letter)
      : [];
  const holds = (text, word) => {
    const parts = pieces(word);
    return text.includes(word) || (parts.length > 0 && parts.every((part) => text.includes(part)));
  };

  const search = () => {
    const words = asked(field.value);
    let count = 0;
    for (const { article, more, shown, all } of digests) {
      const found = words.every((word) => holds(all, word));
      article.hidden = !found;
      count += found;
      if (more) more.open = found && words.length > 0 && !words.every((word) => holds(shown, word));
    }
    for (const month of months) month.hidden = !month.querySelector("article:not([hidden])");
    told.textContent = words.length === 0 ? "" : count === 0 ? told.dataset.none : told.dataset.some.replace("#", count);
  };

  // `index.html#q=words` is a search that can be kept and sent.
  const follow = () => {
    if (!location.hash.startsWith("#q=")) return;
    try {
      field.value = decodeURIComponent(location.hash.slice("#q=".length));
    } catch {
      return; // half a percent sign
    }
    search();
  };
  const keep = () => {
    const hash = field.value.trim() === "" ? "#" : "#q=" + encodeURIComponent(field.value.trim());
    if (hash !== (location.hash || "#")) history.replaceState(null, "", hash);
  };

  for (const tag of document.querySelectorAll(".tags li")) {
    const link = document.createElement("a");
    link.href = "#q=" + encodeURIComponent('"' + tag.textContent.trim().replaceAll('"', " ") + '"');
    link.textContent = tag.textContent.trim();
    tag.replaceChildren(link);
  }
  field.addEventListener("input", () => { search(); keep(); });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { field.value = ""; search(); keep(); }
  });
  const searching = document.getElementById("searching");
  addEventListener("hashchange", () => { follow(); if (location.hash.startsWith("#q=")) searching.scrollIntoView(); });
  searching.hidden = false;
  follow();
})();
