import type { en } from './en';

/** “我的数据”页的文字，简体中文。 */
export const zh: typeof en = {
  title: '我的数据',
  seen: '最近在线',
  seenLabel: '让好友和同一聊天室的人看到你最近在线的时间',
  seenHint: '如果隐藏，也看不到别人的在线时间。',
  exportTitle: '导出你的数据',
  exportText:
    '一个 zip 压缩包，包含本站保存的与你有关的全部数据：个人资料、消息、文件清单、购买与下载记录。文件本身请从网盘下载。',
  exportAction: '导出',
  deleteTitle: '注销账户',
  deleteText:
    '你的资料、文件、消息和已购内容会立即永久删除，钱包余额作废。聊天室里只会留下“有人发过言”的痕迹，不含任何内容；本站账目保留金额。你的用户名可被他人使用。',
  deleteAction: '注销账户',
  sureTitle: '永久注销这个账户？',
  sureText: '注销后无法恢复。请先导出数据并下载你的文件。',
  password: '你的密码',
  wrongPassword: '密码不正确。',
  lastAdmin: '你是最后一位管理员，请先指定另一位管理员。',
  deleted: '账户已注销。',
};
