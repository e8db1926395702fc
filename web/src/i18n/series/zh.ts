import type { en } from './en';

/** 系列的文字，简体中文。 */
export const zh: typeof en = {
  title: '系列',
  text: '同属一个系列的影片，按顺序排列。',
  emptyHeading: '还没有系列',
  emptyText: '有影片组成系列后，会按顺序显示在这里。',
  missing: '没有这个系列',
  missingText: '它可能已经下架。',
  all: '全部系列',
  season: (number) => `第 ${number} 季`,
  seasonList: '各季',
  episode: (number) => `第 ${number} 集`,
  place: (season, episode) => `第 ${season} 季第 ${episode} 集`,
  begin: (title) => `从《${title}》开始`,
  noFilms: '这个系列还没有可以观看的影片。',
  neighbours: '同系列影片',
  previous: '上一集',
  next: '下一集',
};
