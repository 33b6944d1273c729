"""From boxes of text to the fields of a receipt: rows, words, amounts, candidates, small trained models. Knows no picture and no engine."""
