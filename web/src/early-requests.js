// Runs with the theme, before the client's own script has come: asks for what the page will need next. See
// `beforePaint` in vite.config.ts, which puts the files of the pages in, and `src/api/early.ts`, which takes the answers.
(function () {
  var path = location.pathname;
  var pages = JSON.parse('__PAGES__');

  function ahead(rel, as, href) {
    var link = document.createElement('link');
    link.rel = rel;
    link.as = as;
    if (as !== 'image') link.crossOrigin = '';
    else link.fetchPriority = 'high';
    link.href = href;
    document.head.append(link);
  }

  pages.forEach(function (page) {
    if (path !== page.path && path.indexOf(page.path + '/') !== 0) return;
    page.files.forEach(function (file) {
      if (/\.css$/.test(file)) ahead('preload', 'style', file);
      else ahead('modulepreload', 'script', file);
    });
  });

  function ask(address) {
    var answer = fetch(address, { credentials: 'same-origin' });
    window.playhouseEarly = new Map([[address, answer]]);
    return answer;
  }

  // What was said last in the room.
  var room = /^\/rooms\/([0-9a-f-]{36})$/.exec(path);
  if (room)
    ask('/api/v1/rooms/' + room[1] + '/events?limit=100').catch(function () {
      // The client asks again, and says what is wrong.
    });

  if (path !== '/' || location.search) return;
  var answer = ask('/api/v1/movies?sort=newest&limit=14');
  // The picture at the top of the page, which is the largest thing on it.
  answer
    .then(function (response) {
      return response.ok ? response.clone().json() : { items: [] };
    })
    .then(function (list) {
      var hero = list.items.find(function (film) {
        return film.poster_url;
      });
      if (hero) ahead('preload', 'image', hero.poster_url);
    })
    .catch(function () {
      // The client asks again, and says what is wrong.
    });
})();
