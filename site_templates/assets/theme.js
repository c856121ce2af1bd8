// Sets the remembered theme before anything is painted; page.js has the switch.
"use strict";

try {
  const theme = localStorage.getItem("replayglass.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Nothing is remembered where a browser keeps nothing for pages of a folder.
}
