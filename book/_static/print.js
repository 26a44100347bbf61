/* On paper nothing can be opened or switched: before a page is printed its folded
 * answers open and its colours turn light; afterwards all is as it was. Where printing
 * starts on the page itself, with a key or a button, it waits for the formulas. */
{
  const root = document.documentElement;
  let folded = [];
  let theme;
  window.addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    folded.forEach((details) => (details.open = true));
    theme = root.dataset.theme;
    root.dataset.theme = "light";
  });
  window.addEventListener("afterprint", () => {
    folded.forEach((details) => (details.open = false));
    root.dataset.theme = theme;
  });
  const print = window.print.bind(window);
  window.print = async () => {
    await window.formulasReady?.();
    print();
  };
  window.addEventListener("keydown", (event) => {
    const isPrint = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "p";
    if (!isPrint || event.shiftKey || event.altKey) return;
    event.preventDefault();
    window.print();
  });
}
