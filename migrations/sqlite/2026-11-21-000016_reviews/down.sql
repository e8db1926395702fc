DROP TABLE comment_reports;
DROP TABLE comments;
DROP TABLE rating_sums;
DROP TABLE ratings;
