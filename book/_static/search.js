/* The search page. MiniSearch ranks the sections of all pages (see search.py for what is
 * in an entry); here the best sections of a page become one result. Works without a
 * network and from a disk. */
{
  const BOOST = { title: 4, words: 6, symptoms: 3, heading: 3, text: 1 };
  const SHOWN = 20; // pages
  const SECTIONS = 3; // of a page, linked below its title
  const AROUND = 90; // characters of the text before the first hit

  const stemmer = new Stemmer(); // Porter's, from Sphinx's language_data.js
  const STOP = new Set([...stopwords, "my", "i", "how", "why", "what", "when", "does",
    "do", "is", "too", "from", "using", "use", "get", "vs", "same"]);

  /* Latin words, their parts (retain_graph, CrossEntropyLoss), and pairs of Chinese
   * letters, since Chinese has no spaces. */
  const tokenize = (text) => {
    const found = [];
    for (const [run] of text.normalize("NFKC").matchAll(/[\p{L}\p{N}_]+/gu)) {
      if (/\p{Script=Han}/u.test(run)) {
        const letters = [...run.matchAll(/\p{Script=Han}+|[^\p{Script=Han}]+/gu)];
        for (const [part] of letters) {
          if (!/\p{Script=Han}/u.test(part)) found.push(part);
          else if (part.length === 1) found.push(part);
          else for (let i = 1; i < part.length; i++) found.push(part.slice(i - 1, i + 1));
        }
        continue;
      }
      const parts = run.split(/_+|(?<=[a-z\d])(?=[A-Z])/).filter(Boolean);
      if (parts.length > 1) found.push(run);
      found.push(...parts);
    }
    return found;
  };
  const processTerm = (word) => {
    const lower = word.toLowerCase();
    return STOP.has(lower) ? null : stemmer.stemWord(lower);
  };

  /* How much a word tells: little if most pages have it. */
  const pagesWith = new Map();
  for (const entry of ENTRIES)
    for (const field of Object.keys(BOOST))
      for (const word of tokenize(entry[field])) {
        const term = processTerm(word);
        if (!pagesWith.has(term)) pagesWith.set(term, new Set());
        pagesWith.get(term).add(entry.page);
      }
  const pageCount = new Set(ENTRIES.map((entry) => entry.page)).size;
  const worth = (term) => Math.log(1 + pageCount / (pagesWith.get(term)?.size ?? 1));

  const index = new MiniSearch({
    fields: Object.keys(BOOST),
    tokenize,
    processTerm,
    searchOptions: {
      boost: BOOST,
      prefix: (term) => term.length > 3,
      // A word that the book has is no typing error.
      fuzzy: (term) => !pagesWith.has(term) && (term.length > 7 ? 2 : term.length > 3 && 1),
      weights: { fuzzy: 0.2, prefix: 0.3 },
      boostDocument: (id) => ENTRIES[id].weight,
    },
  });
  index.addAll(ENTRIES.map((entry, id) => ({ id, ...entry })));

  /* Pages by their best sections, and by how much of the query they have. */
  window.searchNotes = (query) => {
    const pages = new Map();
    for (const { id, score, match, queryTerms } of index.search(query)) {
      const entry = ENTRIES[id];
      const page = pages.get(entry.page) || { entry, hits: [], terms: new Set(), sum: 0 };
      pages.set(entry.page, page);
      queryTerms.forEach((term) => page.terms.add(term));
      page.sum += score / 2 ** page.hits.length;
      page.hits.push({ entry, words: Object.keys(match) });
    }
    const ranked = [...pages.values()];
    for (const page of ranked) {
      const covered = [...page.terms].reduce((sum, term) => sum + worth(term), 0);
      page.score = page.sum * covered ** 2;
    }
    return ranked.sort((a, b) => b.score - a.score);
  };

  const element = (name, ...children) => {
    const made = document.createElement(name);
    made.append(...children);
    return made;
  };
  const link = (entry, text) => {
    const made = element("a", text);
    const root = document.documentElement.dataset.content_root || "./";
    made.href = `${root}${entry.page}.html${entry.anchor && "#" + entry.anchor}`;
    return made;
  };
  const snippet = ({ entry, words }) => {
    const places = words.map((word) => entry.text.toLowerCase().indexOf(word));
    const first = Math.min(...places.filter((place) => place >= 0), entry.text.length);
    if (first === entry.text.length) return entry.text.slice(0, 2 * AROUND);
    const start = first < AROUND ? 0 : entry.text.indexOf(" ", first - AROUND) + 1;
    return (start ? "… " : "") + entry.text.slice(start, start + 2.5 * AROUND) + " …";
  };
  const marked = (text, words) => {
    const escaped = words.map((word) => word.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
    const pattern = new RegExp(`(?<![\\p{L}\\p{N}])((?:${escaped.join("|")})[\\p{L}]*)`, "giu");
    const parts = words.length ? text.split(pattern) : [text];
    return parts.map((part, i) => (i % 2 ? element("mark", part) : part));
  };

  const show = (query) => {
    const place = document.getElementById("search-results");
    const found = searchNotes(query).slice(0, SHOWN);
    const told = found.length
      ? `The best ${found.length === 1 ? "page" : `${found.length} pages`} for “${query}”:`
      : `No page has these words. Try fewer or other ones, or start at the symptoms.`;
    const list = element("ul");
    list.className = "search";
    for (const { entry, hits } of found) {
      const item = element("li", link({ ...entry, anchor: "" }, entry.title));
      const best = hits.find((hit) => hit.entry.text) || hits[0];
      item.append(element("p", ...marked(snippet(best), best.words)));
      const sections = hits.filter((hit) => hit.entry.heading).slice(0, SECTIONS);
      if (sections.length) {
        const names = sections.map((hit) => element("li", link(hit.entry, hit.entry.heading)));
        item.append(element("ul", ...names));
      }
      list.append(item);
    }
    const status = element("p", told);
    status.setAttribute("role", "status");
    place.replaceChildren(status, list);
  };

  document.addEventListener("DOMContentLoaded", () => {
    const query = new URLSearchParams(location.search).get("q")?.trim();
    if (!query) return;
    document.querySelectorAll('input[name="q"]').forEach((input) => (input.value = query));
    show(query);
  });
}
