/* A link into a folded part of the page opens it. Some browsers do so themselves. */
{
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const closed = [];
    for (let at = target; at; at = at.parentElement)
      if (at.matches("details:not([open])")) closed.push(at);
    if (!closed.length) return;
    closed.forEach((fold) => (fold.open = true));
    target.scrollIntoView();
  };
  window.addEventListener("hashchange", reveal);
  reveal();
}
