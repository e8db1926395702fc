DROP TABLE notice_marks;
DROP TABLE notices;
