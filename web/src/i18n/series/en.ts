/** The strings of series, in English. */
export const en = {
  title: 'Series',
  text: 'Films that belong together, in their order.',
  emptyHeading: 'No series yet',
  emptyText: 'As soon as films of the house belong together, they stand here in their order.',
  missing: 'No such series',
  missingText: 'It may have been taken off the programme.',
  all: 'All series',
  season: (number: number) => `Season ${number}`,
  seasonList: 'Seasons',
  episode: (number: number) => `Episode ${number}`,
  place: (season: number, episode: number) => `Season ${season}, episode ${episode}`,
  begin: (title: string) => `Begin with “${title}”`,
  noFilms: 'No film of it can be seen yet.',
  neighbours: 'In this series',
  previous: 'Previous',
  next: 'Next',
};
