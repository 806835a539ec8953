// Runs before the first paint: the reader's own choice of theme and language, so that nothing flickers.
(() => {
  try {
    const theme = localStorage.getItem("carrel.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
    const language = localStorage.getItem("carrel.language");
    if (language && /^[a-z]{2,3}$/.test(language)) document.documentElement.lang = language;
  } catch {
    // storage is switched off: the system's theme and the browser's language are good answers
  }
})();
