DROP TABLE other_way;
