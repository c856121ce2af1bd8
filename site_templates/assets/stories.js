// Stories unfold without this script too; it opens all of them at once, for printing, and the one a link leads to.
"use strict";

(() => {
  const stories = [...document.querySelectorAll("details.story")];
  const list = document.querySelector(".stories");
  if (list === null) return;

  function openTarget() {
    const target = document.getElementById(location.hash.slice(1));
    const story = target === null ? null : target.closest("details.story");
    if (story !== null && !story.open) {
      story.open = true;
      target.scrollIntoView();
    }
  }

  function setAll(open) {
    for (const story of stories) story.open = open;
  }

  const button = document.createElement("button");
  button.type = "button";
  button.className = "unfold";
  button.textContent = "Unfold all";
  button.addEventListener("click", () => {
    const open = stories.some((story) => !story.open);
    setAll(open);
    button.textContent = open ? "Fold all" : "Unfold all";
  });
  list.parentElement.before(button);

  window.addEventListener("hashchange", openTarget);
  window.addEventListener("beforeprint", () => setAll(true));
  openTarget();
})();
