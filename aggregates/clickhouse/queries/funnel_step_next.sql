-- When walks reach a step: in a later minute than the step before it, or in the same one by another
-- hit, and no later than within_s after the first step.
-- Grain: that of {walks}: a walker and the minute it began in.
-- Columns: those of {walks}, and at_{step}; never_s where it is not reached.
SELECT
    *,
    arrayReduce('min', arrayPushBack(
        arrayConcat(
            arrayFilter(m -> m > at_{before} AND m <= at_0 + %(within_s)s, minutes_{step}),
            arrayFilter(m -> m = at_{before}, beside_{step})
        ),
        toUInt32(%(never_s)s)
    )) AS at_{step}
FROM ({walks})
