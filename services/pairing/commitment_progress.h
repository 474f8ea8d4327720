// How commitments stand, counted from deeds when somebody asks. One definition of a period and of
// what counts in it, for progress, for the lists behind it and for the town's numbers.
#ifndef PINGAN_SERVICES_PAIRING_COMMITMENT_PROGRESS_H_
#define PINGAN_SERVICES_PAIRING_COMMITMENT_PROGRESS_H_

// What counts for the commitment c of the pairing p, as rows d.
#define PINGAN_DEEDS_OF_COMMITMENT                                     \
  "deeds d WHERE d.town = p.town AND d.enterprise = p.enterprise "     \
  "AND d.unit = split_part(p.unit, '/', 4) AND d.measure = c.measure " \
  "AND d.mechanism = c.mechanism AND (c.event_kind = 0 OR d.event_kind = c.event_kind) "

// Joins to c and p what is over on the day $2, as g: `periods` and `kept` of them, `standing` as in
// pingan.pairing.v1.Standing, and the running period from `first` to before `next`. Periods are
// counted from the first day the commitment binds; what has ended has no running one.
#define PINGAN_PROGRESS                                                                          \
  "CROSS JOIN LATERAL (SELECT CASE c.period WHEN 1 THEN 1 WHEN 2 THEN 3 ELSE 12 END AS months, " \
  "LEAST($2::date, c.end_date + 1) AS until) l "                                                 \
  "CROSS JOIN LATERAL (SELECT (EXTRACT(year FROM age(l.until, c.start_date)) * 12 "              \
  "+ EXTRACT(month FROM age(l.until, c.start_date)))::int / l.months AS periods) n "             \
  "CROSS JOIN LATERAL (SELECT count(*) AS kept FROM generate_series(0, n.periods - 1) k "        \
  "WHERE (SELECT count(*) FROM " PINGAN_DEEDS_OF_COMMITMENT                                      \
  "AND d.day >= c.start_date + make_interval(months => l.months * k) "                           \
  "AND d.day < c.start_date + make_interval(months => l.months * (k + 1))) >= c.times) y "       \
  "CROSS JOIN LATERAL (SELECT COALESCE(n.periods, 0) AS periods, y.kept, "                       \
  "CASE WHEN COALESCE(n.periods, 0) = 0 THEN 1 WHEN y.kept = n.periods THEN 2 ELSE 3 END "       \
  "AS standing, "                                                                                \
  "(c.start_date + make_interval(months => l.months * n.periods))::date AS first, "              \
  "(c.start_date + make_interval(months => l.months * (n.periods + 1)))::date AS next) g "

#endif  // PINGAN_SERVICES_PAIRING_COMMITMENT_PROGRESS_H_
