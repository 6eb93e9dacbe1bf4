"""Labels on paper: laid out in millimetres, drawn as a PDF of exactly the size of the stock."""
