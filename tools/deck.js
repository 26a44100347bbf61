// A deck of slides: formulas first, then everything to its size, then reveal.js.

const WIDTH = 1280, HEIGHT = 720; // CSS pixels, as in deck.css
const LARGEST = 32, SMALLEST = 21; // of text; code is four fifths of it

window.MathJax = {
  // SVG, which needs no style: the speaker's view has none.
  svg: { fontCache: "none" },
  options: { enableMenu: false },
  startup: { typeset: true },
};

const tooLarge = (section) =>
  [section, ...section.querySelectorAll(".part, pre")].some(
    (part) =>
      part.scrollWidth > part.clientWidth + 1 || part.scrollHeight > part.clientHeight + 1,
  );

// Set a slide in the largest type in which all of it is seen.
function fit(section) {
  for (let size = LARGEST; size >= SMALLEST; size -= 0.5) {
    section.style.fontSize = `${size}px`;
    if (!tooLarge(section)) return;
  }
}

// Of a question's answers one is open at a time, so that the slide stays large enough.
function oneAnswerAtATime(section) {
  const answers = [...section.querySelectorAll("details")];
  answers.forEach((answer) => (answer.name = "answer"));
  const longest = answers.toSorted((a, b) => b.textContent.length - a.textContent.length)[0];
  return (open) => longest && (longest.open = open);
}

addEventListener("load", async () => {
  await MathJax.startup.promise;
  for (const double of document.querySelectorAll(".notes mjx-assistive-mml")) double.remove();
  for (const section of document.querySelectorAll(".slides section")) {
    const open = oneAnswerAtATime(section);
    open(true); // there must be room for it
    fit(section);
    open(false);
  }
  Reveal.initialize({
    width: WIDTH,
    height: HEIGHT,
    margin: 0,
    center: false,
    display: "flex",
    hash: true,
    slideNumber: "c/t",
    transition: "none",
    plugins: [RevealNotes],
  });
});
