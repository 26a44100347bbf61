/* MathJax is the heaviest part of a page: it is loaded when a formula comes near, when
 * somebody is about to print, or when all else is long done. Until then a formula is
 * text. */
{
  const source = document.currentScript.dataset.mathjax;
  const patience = 4000; // milliseconds after the page has loaded
  const until = (element, event) =>
    new Promise((done) => element.addEventListener(event, done, { once: true }));
  let loaded;
  const load = () =>
    (loaded ??= (async () => {
      const script = Object.assign(document.createElement("script"), { src: source });
      document.head.append(script);
      await until(script, "load");
      await window.MathJax.startup.promise;
    })());
  window.formulasReady = load; // for print.js
  const watch = new IntersectionObserver(
    (entries) => entries.some((entry) => entry.isIntersecting) && load(),
    { rootMargin: "100%" } // a screen ahead
  );
  document.querySelectorAll(".math").forEach((formula) => watch.observe(formula));
  // Before anybody prints from a menu, the pointer moves or a key is pressed.
  for (const sign of ["pointermove", "pointerdown", "keydown"])
    window.addEventListener(sign, load, { once: true, passive: true });
  window.addEventListener("load", () => setTimeout(load, patience));
}
