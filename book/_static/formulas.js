/* MathJax is the heaviest part of a page: it is loaded when a formula comes near, or
 * when all else is long done. Until then a formula is text. */
{
  const source = document.currentScript.dataset.mathjax;
  const patience = 4000; // milliseconds after the page has loaded
  let asked = false;
  const load = () => {
    if (asked) return;
    asked = true;
    document.head.append(
      Object.assign(document.createElement("script"), { src: source })
    );
  };
  const watch = new IntersectionObserver(
    (entries) => entries.some((entry) => entry.isIntersecting) && load(),
    { rootMargin: "100%" } // a screen ahead
  );
  document.querySelectorAll(".math").forEach((formula) => watch.observe(formula));
  window.addEventListener("load", () => setTimeout(load, patience));
}
