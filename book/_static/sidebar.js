/* The side bar, and the drawer that it becomes on a phone, open at the page's entry. */
{
  const follow = () => {
    const entry = document.querySelector(".bd-docs-nav .current.active");
    const bar = entry?.closest("dialog, #pst-primary-sidebar");
    if (!bar) return;
    const { top } = entry.getBoundingClientRect();
    bar.scrollTop += top - bar.getBoundingClientRect().top - bar.clientHeight / 2;
  };
  const drawer = document.getElementById("pst-primary-sidebar-modal");
  if (drawer) {
    const watch = new MutationObserver(() => requestAnimationFrame(follow));
    watch.observe(drawer, { attributes: true, attributeFilter: ["open"] });
  }
  window.addEventListener("load", follow);
}
