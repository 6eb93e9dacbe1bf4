"""Pages as they are filled, and what sections fill them with: headings, tables, formula boxes, signature blocks."""
