"""The invariants that SQL can check: each is a query for the rows that break it. Data only."""

from __future__ import annotations

from dataclasses import dataclass

ROWS_MOST = 100

# Tables that name a book without belonging to one: who may see which book, where it is talked about, what a message led to.
GLOBAL_TABLES = (
    "person_books",
    "report_schedules",
    "join_codes",
    "conversations",
    "message_effects",
    "bank_alerts",
    "receipts",
    "imports",
    "payment_reminders",
    "approvals",
    "pins",
    "recurring_clock",
    "notices",
    "notice_manners",
)
APPEND_ONLY = ("entries", "postings", "chain")
INSERT_ONLY = (*APPEND_ONLY, "inbox_keys", "job_occurrences")


@dataclass(frozen=True, slots=True)
class Check:
    """`query` finds the rows that break the invariant `says`."""

    name: str
    says: str
    query: str


def _names(tables: tuple[str, ...]) -> str:
    return ", ".join(f"'{table}'" for table in tables)


_ENTRIES = (
    Check(
        "entry_not_zero",
        "an entry's postings sum to zero in every currency",
        "SELECT book_id, entry_id, currency, sum(amount) AS total FROM postings GROUP BY book_id, entry_id, currency HAVING sum(amount) <> 0",
    ),
    Check(
        "entry_without_postings",
        "an entry has at least two postings, numbered from 0",
        """SELECT e.book_id, e.entry_id, count(p.no) AS postings FROM entries e LEFT JOIN postings p USING (book_id, entry_id)
        GROUP BY e.book_id, e.entry_id HAVING count(p.no) < 2 OR max(p.no) <> count(p.no) - 1""",
    ),
    Check(
        "posting_without_entry",
        "a posting belongs to an entry",
        "SELECT p.book_id, p.entry_id, p.no FROM postings p LEFT JOIN entries e USING (book_id, entry_id) WHERE e.entry_id IS NULL",
    ),
    Check(
        "posting_without_member",
        "a posting moves the position of a member of its book",
        "SELECT p.book_id, p.entry_id, p.no, p.member_id FROM postings p LEFT JOIN members m USING (book_id, member_id) WHERE m.member_id IS NULL",
    ),
    Check(
        "actor_without_member",
        "an entry was caused by a member of its book, or by a job",
        """SELECT e.book_id, e.entry_id, e.actor_id FROM entries e LEFT JOIN members m ON m.book_id = e.book_id AND m.member_id = e.actor_id
        WHERE e.actor_id IS NOT NULL AND m.member_id IS NULL""",
    ),
    Check(
        "role_of_other_kind",
        "an expense is paid and shared, a settlement sent and received, income earned and entitled, a saving spared and put aside",
        """SELECT e.book_id, e.entry_id, p.no, coalesce(r.kind, e.kind) AS kind, p.role FROM entries e
        LEFT JOIN entries r ON r.book_id = e.book_id AND r.entry_id = e.reverses JOIN postings p ON p.book_id = e.book_id AND p.entry_id = e.entry_id
        WHERE p.role <> ALL (CASE coalesce(r.kind, e.kind) WHEN 'expense' THEN ARRAY['paid', 'share'] WHEN 'settlement' THEN ARRAY['sent', 'received']
          WHEN 'income' THEN ARRAY['earned', 'entitled'] WHEN 'saving' THEN ARRAY['spared', 'aside'] ELSE ARRAY[]::text[] END)""",
    ),
    Check(
        "expense_not_whole",
        "an expense has one currency, somebody paid it, somebody shares it, and what was paid is what is shared",
        """SELECT e.book_id, e.entry_id, coalesce(sum(p.amount) FILTER (WHERE p.role = 'paid'), 0) AS paid,
          coalesce(-sum(p.amount) FILTER (WHERE p.role = 'share'), 0) AS shared
        FROM entries e JOIN postings p USING (book_id, entry_id) WHERE e.kind = 'expense' GROUP BY e.book_id, e.entry_id
        HAVING count(DISTINCT p.currency) <> 1 OR count(*) FILTER (WHERE p.role = 'paid') = 0 OR count(*) FILTER (WHERE p.role = 'share') = 0
          OR sum(p.amount) FILTER (WHERE p.role = 'paid') <> -sum(p.amount) FILTER (WHERE p.role = 'share')""",
    ),
    Check(
        "remainders_not_zero",
        "the roundings of an entry cancel out",
        """SELECT book_id, entry_id, currency, sum(remainder) AS remainder FROM postings
        GROUP BY book_id, entry_id, currency HAVING sum(remainder) <> 0""",
    ),
    Check(
        "reversal_not_mirror",
        "a reversal takes back exactly what it reverses: same bill, day, category and postings, opposite signs",
        """SELECT r.book_id, r.entry_id, r.reverses FROM entries r LEFT JOIN entries e ON e.book_id = r.book_id AND e.entry_id = r.reverses
        WHERE r.kind = 'reversal' AND (e.entry_id IS NULL OR e.kind = 'reversal'
          OR (r.bill_id, r.occurred_on, r.category) IS DISTINCT FROM (e.bill_id, e.occurred_on, e.category)
          OR (SELECT array_agg((p.member_id, p.role, p.currency, -p.amount, -p.remainder)::text ORDER BY p.no) FROM postings p
              WHERE p.book_id = r.book_id AND p.entry_id = r.entry_id)
            IS DISTINCT FROM (SELECT array_agg((p.member_id, p.role, p.currency, p.amount, p.remainder)::text ORDER BY p.no) FROM postings p
              WHERE p.book_id = r.book_id AND p.entry_id = r.reverses))""",
    ),
    Check(
        "reversed_twice",
        "an entry is reversed at most once",
        """SELECT book_id, reverses, count(*) AS times FROM entries WHERE reverses IS NOT NULL GROUP BY book_id, reverses HAVING count(*) > 1""",
    ),
    Check(
        "bill_stands_twice",
        "at most one version of a bill stands",
        """SELECT e.book_id, e.bill_id, count(*) AS standing FROM entries e LEFT JOIN entries r ON r.book_id = e.book_id AND r.reverses = e.entry_id
        WHERE e.kind <> 'reversal' AND r.entry_id IS NULL GROUP BY e.book_id, e.bill_id HAVING count(*) > 1""",
    ),
    Check(
        "text_not_as_committed",
        "the text of an entry is the one recorded, or erased",
        """SELECT e.book_id, e.entry_id FROM entries e LEFT JOIN entry_texts t USING (book_id, entry_id)
        WHERE t.entry_id IS NULL OR (t.description IS NULL) <> (t.salt IS NULL)
          OR sha256(t.salt || convert_to(t.description, 'UTF8')) <> e.text_commitment""",
    ),
)

_SPLITS = (
    Check(
        "settlement_not_a_transfer",
        "a settlement moves more than nothing from one member to another, in one currency",
        """SELECT book_id, entry_id FROM entries e JOIN postings p USING (book_id, entry_id) WHERE e.kind = 'settlement' GROUP BY book_id, entry_id
        HAVING count(*) <> 2 OR count(DISTINCT p.member_id) <> 2 OR count(DISTINCT p.currency) <> 1
          OR coalesce(sum(p.amount) FILTER (WHERE p.role = 'sent'), 0) <= 0""",
    ),
    Check(
        "saving_not_ones_own",
        "what is put aside stays whose it was, in one currency, for a goal of its book that is counted in it",
        """SELECT e.book_id, e.entry_id FROM entries e JOIN postings p USING (book_id, entry_id)
        LEFT JOIN goals g ON g.book_id = e.book_id AND g.goal_id::text = e.split ->> 'goal' AND g.currency = p.currency WHERE e.kind = 'saving'
        GROUP BY e.book_id, e.entry_id HAVING count(*) <> 2 OR count(DISTINCT p.member_id) <> 1 OR count(g.goal_id) <> 2""",
    ),
    Check(
        "edit_without_reversal",
        "a bill is edited by taking its version back and posting it anew, in one transaction",
        """SELECT e.book_id, e.entry_id, e.bill_id FROM entries e WHERE e.kind <> 'reversal' AND e.reason = 'edited'
          AND NOT EXISTS (SELECT 1 FROM entries r WHERE r.book_id = e.book_id AND r.bill_id = e.bill_id
            AND r.kind = 'reversal' AND r.chain_no = e.chain_no)""",
    ),
    Check(
        "split_not_frozen",
        "an expense keeps how it was shared: the people, the weights, the parts or the lines that its type needs",
        """SELECT book_id, entry_id, split ->> 'type' AS type FROM entries WHERE kind = 'expense' AND NOT coalesce(CASE split ->> 'type'
          WHEN 'none' THEN split -> 'people' WHEN 'for' THEN split -> 'people' WHEN 'equal' THEN split -> 'people'
          WHEN 'percent' THEN split -> 'weights' WHEN 'shares' THEN split -> 'weights'
          WHEN 'exact' THEN split -> 'exact' WHEN 'adjusted' THEN split -> 'people' WHEN 'items' THEN split -> 'lines' END
          NOT IN ('[]', '{}'), false)""",
    ),
    Check(
        "parts_do_not_add_up",
        "percentages make a hundred, and exact parts the bill",
        """SELECT e.book_id, e.entry_id, s.said, s.whole FROM entries e CROSS JOIN LATERAL (SELECT
            CASE e.split ->> 'type' WHEN 'percent' THEN (SELECT sum(value::numeric) FROM jsonb_each_text(e.split -> 'weights'))
              WHEN 'exact' THEN (SELECT sum(value::numeric) FROM jsonb_each_text(e.split -> 'exact')) END AS said,
            CASE e.split ->> 'type' WHEN 'percent' THEN 100 ELSE (SELECT sum(p.amount) FROM postings p
              WHERE p.book_id = e.book_id AND p.entry_id = e.entry_id AND p.role = 'paid') END AS whole) s
        WHERE e.kind = 'expense' AND s.said <> s.whole""",
    ),
    Check(
        "share_not_as_frozen",
        "nobody's share is a whole unit or more from what the frozen split says",
        """SELECT e.book_id, e.entry_id, p.member_id, -p.amount AS share, round(s.part, 4) AS frozen FROM entries e
        JOIN postings p ON p.book_id = e.book_id AND p.entry_id = e.entry_id AND p.role = 'share'
        CROSS JOIN LATERAL (SELECT sum(q.amount)::numeric AS amount FROM postings q
          WHERE q.book_id = e.book_id AND q.entry_id = e.entry_id AND q.role = 'paid') paid
        CROSS JOIN LATERAL (SELECT CASE
            WHEN e.split ->> 'type' IN ('none', 'for', 'equal') THEN (e.split -> 'people' ? p.member_id::text)::integer * paid.amount
              / nullif((SELECT count(DISTINCT value) FROM jsonb_array_elements_text(e.split -> 'people')), 0)
            WHEN e.split ->> 'type' IN ('percent', 'shares') THEN coalesce((e.split -> 'weights' ->> p.member_id::text)::numeric, 0) * paid.amount
              / nullif((SELECT sum(value::numeric) FROM jsonb_each_text(e.split -> 'weights')), 0)
            WHEN e.split ->> 'type' = 'exact' THEN coalesce((e.split -> 'exact' ->> p.member_id::text)::numeric, 0) END AS part) s
        WHERE e.kind = 'expense' AND abs(-p.amount - s.part) >= 1""",
    ),
)

_SUMS = (
    Check(
        "book_not_zero",
        "the balances of a book sum to zero in every currency",
        "SELECT book_id, currency, sum(amount) AS total FROM balances GROUP BY book_id, currency HAVING sum(amount) <> 0",
    ),
    Check(
        "payment_without_settlement",
        "a payment that arrived is a settlement on the ledger",
        """SELECT p.book_id, p.payment_id, p.bill_id FROM payments p WHERE p.bill_id IS NOT NULL AND NOT EXISTS (
          SELECT 1 FROM entries e WHERE e.book_id = p.book_id AND e.bill_id = p.bill_id AND e.kind = 'settlement')""",
    ),
    Check(
        "balance_wrong",
        "a balance is the sum of its postings",
        """SELECT book_id, member_id, currency, b.amount AS kept, p.amount AS recomputed, b.remainder AS kept_remainder,
          p.remainder AS recomputed_remainder
        FROM balances b FULL JOIN (SELECT book_id, member_id, currency, sum(amount) AS amount, sum(remainder) AS remainder FROM postings
          GROUP BY book_id, member_id, currency) p USING (book_id, member_id, currency)
        WHERE (b.amount, b.remainder) IS DISTINCT FROM (p.amount, p.remainder)""",
    ),
    Check(
        "spending_wrong",
        "spending is the sum of the shares of a month and category",
        """SELECT book_id, member_id, category, month, currency, s.amount AS kept, p.amount AS recomputed
        FROM spending s FULL JOIN (SELECT book_id, p.member_id, coalesce(e.category, 'other') AS category,
            date_trunc('month', e.occurred_on)::date AS month, p.currency, -sum(p.amount) AS amount
            FROM postings p JOIN entries e USING (book_id, entry_id) WHERE p.role = 'share' GROUP BY 1, 2, 3, 4, 5) p
          USING (book_id, member_id, category, month, currency)
        WHERE s.amount IS DISTINCT FROM p.amount""",
    ),
    Check(
        "chain_head_wrong",
        "the head of a book's chain is its last link",
        """SELECT book_id, h.chain_no AS head, l.chain_no AS last FROM chain_heads h
        FULL JOIN (SELECT DISTINCT ON (book_id) book_id, chain_no, hash FROM chain ORDER BY book_id, chain_no DESC) l USING (book_id)
        WHERE (h.chain_no, h.hash) IS DISTINCT FROM (l.chain_no, l.hash)""",
    ),
)

_MESSAGES = (
    Check(
        "effect_twice",
        "an effect of a message is recorded once, in one book",
        """SELECT encode(effect_key, 'hex') AS effect_key, count(*) AS times, string_agg(book_id::text || '/' || entry_id, ' ') AS entries
        FROM entries GROUP BY effect_key HAVING count(*) > 1""",
    ),
    Check(
        "effect_without_reply",
        "a message that led to a bill has its answer in the outbox",
        """SELECT m.conversation_id, encode(m.message_hash, 'hex') AS message, m.outbox_id
        FROM message_effects m LEFT JOIN outbox o ON o.id = m.outbox_id
        WHERE o.id IS NULL AND (m.outbox_id IS NOT NULL OR m.bill_ids <> '{}')""",
    ),
    Check(
        "effect_without_bill",
        "the bills that a message led to are on the ledger, or wait (or waited in vain) for approval",
        """SELECT m.conversation_id, encode(m.message_hash, 'hex') AS message, m.book_id, bill AS bill_id
        FROM message_effects m, unnest(m.bill_ids) bill
        WHERE NOT EXISTS (SELECT 1 FROM entries e WHERE e.book_id = m.book_id AND e.bill_id = bill)
        AND NOT EXISTS (SELECT 1 FROM approvals a WHERE a.book_id = m.book_id AND a.bill_id = bill)""",
    ),
    Check(
        "message_without_key",
        "every accepted message has its idempotency key",
        "SELECT i.id AS inbox_id FROM inbox i LEFT JOIN inbox_keys k USING (key) WHERE k.key IS NULL",
    ),
    Check(
        "membership_one_sided",
        "who is a member of a book may see it, and who may see it is a member",
        """SELECT book_id, person_id, m.member_id AS member, s.member_id AS may_see FROM (SELECT * FROM members WHERE person_id IS NOT NULL) m
        FULL JOIN person_books s USING (book_id, person_id) WHERE m.member_id IS DISTINCT FROM s.member_id""",
    ),
)

_SETTING = "'%current_setting(''tuppence.books''%'"
_CATALOGUE = (
    Check(
        "money_not_whole",
        "amounts and roundings are whole numbers",
        """SELECT table_name AS "table", column_name AS "column", data_type AS type FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name IN ('postings', 'balances', 'spending') AND column_name IN ('amount', 'remainder')
          AND data_type NOT IN ('bigint', 'integer')""",
    ),
    Check(
        "table_without_row_security",
        "every table with book_id is under forced row-level security by the books named",
        f"""SELECT c.relname AS "table" FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'book_id' AND NOT a.attisdropped
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname NOT IN ({_names(GLOBAL_TABLES)})
          AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid
            AND pg_get_expr(p.polqual, c.oid) LIKE {_SETTING} AND pg_get_expr(p.polwithcheck, c.oid) LIKE {_SETTING}))""",
    ),
    Check(
        "policy_too_wide",
        "no policy shows the application other books than those named",
        f"""SELECT c.relname AS "table", p.polname AS policy FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
        WHERE c.relnamespace = 'public'::regnamespace AND ('tuppence_app'::regrole = ANY (p.polroles) OR 0 = ANY (p.polroles))
          AND (coalesce(pg_get_expr(p.polqual, c.oid), '') NOT LIKE {_SETTING}
            OR coalesce(pg_get_expr(p.polwithcheck, c.oid), pg_get_expr(p.polqual, c.oid)) NOT LIKE {_SETTING})""",
    ),
    Check(
        "ledger_can_be_changed",
        "the application may neither update nor delete nor truncate what is append-only",
        f"""SELECT t AS "table", p AS privilege FROM unnest(ARRAY[{_names(INSERT_ONLY)}]) t,
          unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) p
        WHERE has_table_privilege('tuppence_app', t, p) OR (p = 'UPDATE' AND has_any_column_privilege('tuppence_app', t, p))""",
    ),
    Check(
        "guard_missing",
        "the triggers that refuse a change and an unbalanced entry are there and on",
        f"""SELECT name AS "trigger" FROM unnest(ARRAY['postings_balance', {", ".join(f"'{table}_append_only'" for table in APPEND_ONLY)}]) name
        WHERE NOT EXISTS (SELECT 1 FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid
          WHERE g.tgname = name AND g.tgenabled IN ('O', 'A') AND c.relnamespace = 'public'::regnamespace)""",
    ),
    Check(
        "role_too_strong",
        "the application's role is no superuser, does not bypass row-level security, owns nothing and is no member of another role",
        """SELECT r.rolname AS role FROM pg_roles r WHERE r.rolname IN ('tuppence_app', 'tuppence_auditor')
          AND (r.rolsuper OR r.rolbypassrls OR r.rolcreaterole
          OR EXISTS (SELECT 1 FROM pg_class c WHERE c.relowner = r.oid) OR EXISTS (SELECT 1 FROM pg_auth_members m WHERE m.member = r.oid))""",
    ),
    Check(
        "auditor_can_write",
        "the auditor's role only reads",
        """SELECT c.relname AS "table" FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
          AND has_table_privilege('tuppence_auditor', c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')""",
    ),
    Check(
        "code_runs_as_owner",
        "no function and no view of the schema runs with its owner's rights",
        """SELECT proname::text AS name FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef
        UNION ALL SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm')
          AND NOT coalesce(reloptions, '{}') @> ARRAY['security_invoker=true']""",
    ),
)

CHECKS: tuple[Check, ...] = (*_ENTRIES, *_SPLITS, *_SUMS, *_MESSAGES, *_CATALOGUE)
