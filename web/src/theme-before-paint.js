// Runs before the first paint: see `beforePaint` in vite.config.ts.
(function () {
  var choice = null;
  try {
    choice = localStorage.getItem('playhouse.theme');
  } catch {
    // Storage may be forbidden: follow the system.
  }
  var dark = choice === 'dark' || (choice !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
