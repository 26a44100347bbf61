/* On paper nothing can be opened or switched: before a page is printed its folded
 * answers open and its colours turn light; afterwards all is as it was. */
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
}
