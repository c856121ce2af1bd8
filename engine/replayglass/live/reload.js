// Added by `replayglass serve`; not part of the publication. Loads the page again when there is another publication.
"use strict";
(() => {
  const since = document.currentScript.dataset.publication;
  let waiting = null;
  const wait = () => {
    if (waiting !== null || document.visibilityState !== "visible") {
      return; // a hidden page would only hold one of the few connections that a browser makes to a host
    }
    waiting = new Image();
    waiting.onload = () => location.reload();
    waiting.onerror = () => {
      waiting = null;
      setTimeout(wait, 1000);
    };
    waiting.src = `/~live/changed.svg?since=${since}&asked=${Date.now()}`;
  };
  addEventListener("load", () => setTimeout(wait, 0));
  document.addEventListener("visibilitychange", wait);
})();
