-- All words of an object beside each of them, each after a space, so that a search for several common words is one walk
-- through an index instead of a join of two. Null where they are too long to stand in an index.
alter table registry_term add column words text collate "C";
update registry_term t set words = w.words
from (select id, ' ' || string_agg(term, ' ' order by term) as words from registry_term group by id) w
where w.id = t.id and octet_length(w.words) <= 1000;
drop index registry_term_word;
create index registry_term_word on registry_term (term, id) include (kind, words);
