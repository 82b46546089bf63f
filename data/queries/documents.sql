-- What are the canonical texts of the families, from which the snapshot is decoded?
SELECT family, body
FROM documents
ORDER BY family
