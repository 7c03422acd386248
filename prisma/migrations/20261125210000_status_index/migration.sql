-- Nothing looks statements up by their status alone; the indexes of lists end with it.
DROP INDEX "statement_status_idx";
