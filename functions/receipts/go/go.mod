module receipts

go 1.22
